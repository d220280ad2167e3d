namespace Platform.Storage;

/// <summary>
/// Where bytes lie. A key is a relative path that the platform made, never one that came from outside, and names the same bytes for ever.
/// Every failure of the store is an <see cref="IOException"/> that may pass.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Writes a new blob; it survives a crash when this returns, and none of it is there when this throws.</summary>
    Task WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>
    /// The same for a blob that need not be found under exactly this key: a store may put small ones that come at the same time together.
    /// Answers the key under which it lies.
    /// </summary>
    Task<string> AddAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>A stream that can seek and knows its length; null when there is no such blob (any more).</summary>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellation);

    /// <summary>Deletes blobs; one that is gone already is fine, so that a sweep can be run again.</summary>
    Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation);

    /// <summary>What lies under a prefix that ends in a slash, in the order of the keys, from behind <paramref name="after"/> on.</summary>
    IAsyncEnumerable<FoundBlob> ListAsync(string prefix, string after, CancellationToken cancellation);

    /// <summary>An address at which the store itself gives out the blob for a while; null where it cannot, or is not to.</summary>
    Uri? SignLink(string key, LinkTerms terms);

    /// <summary>Makes sure at start that blobs can be written here. Null, or what is wrong and what to do about it.</summary>
    Task<string?> FindFaultAsync(CancellationToken cancellation);
}

/// <summary>One blob as a listing shows it.</summary>
internal readonly record struct FoundBlob(string Key, DateTimeOffset WrittenAt);

/// <summary>How a signed link is to answer.</summary>
/// <param name="Life">The link may end earlier.</param>
internal readonly record struct LinkTerms(TimeSpan Life, string ContentType);
