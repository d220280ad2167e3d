using Microsoft.Extensions.Options;
using Platform.Storage;

namespace Platform.Delivery;

/// <summary>The public address of a result: unguessable, because it is made of a random id, and needing no key.</summary>
internal sealed class AudioLinks(IOptions<StorageOptions> options)
{
    public const string Path = "/media/audio/";

    private readonly string _start = options.Value.PublicBaseUrl.TrimEnd('/') + Path;

    /// <summary>The request's own Host header never has a say in this: a link must not lead to where an attacker wants it.</summary>
    public string Of(Guid audioUuid, string extension) => $"{_start}{audioUuid}.{extension}";
}
