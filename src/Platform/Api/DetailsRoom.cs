namespace Platform.Api;

/// <summary>
/// What the requests that one answer shows may have together. Fifty lines can ask for fifty large ones, or for one fifty times, and all of them
/// are in memory until their reader has taken the answer.
/// </summary>
internal sealed class DetailsRoom
{
    /// <summary>Eight of the largest requests that are kept.</summary>
    public const int Bytes = 2 * 1024 * 1024;

    private int _taken;

    /// <summary>False where there is no room for so many more.</summary>
    public bool TryTake(int bytes) => Interlocked.Add(ref _taken, bytes) <= Bytes;
}
