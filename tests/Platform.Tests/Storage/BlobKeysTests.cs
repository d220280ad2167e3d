using Platform.Storage;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class BlobKeysTests
{
    private static readonly Guid TaskId = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");
    private static readonly Guid Audio = Guid.Parse("4a9082fd-1865-4261-a0bc-c6cfe96001fc");

    [Fact]
    public void Names_task_attempt_index_and_audio() => Assert.Equal(
        "audio/fc/01890a5dac96774bbcceb302099a8057-2-3-4a9082fd18654261a0bcc6cfe96001fc.mp3",
        BlobKeys.OfResult(TaskId, 2, 3, Audio, "mp3"));

    [Fact]
    public void Differs_as_soon_as_one_of_them_does()
    {
        var keys = new[]
        {
            BlobKeys.OfResult(TaskId, 1, 0, Audio, "mp3"),
            BlobKeys.OfResult(Guid.NewGuid(), 1, 0, Audio, "mp3"),
            BlobKeys.OfResult(TaskId, 2, 0, Audio, "mp3"),
            BlobKeys.OfResult(TaskId, 1, 1, Audio, "mp3"),
            BlobKeys.OfResult(TaskId, 1, 0, Guid.NewGuid(), "mp3"),
        };

        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Spreads_over_256_folders() => Assert.InRange(
        Enumerable.Range(0, 5000)
            .Select(_ => BlobKeys.OfResult(TaskId, 1, 0, Guid.NewGuid(), "mp3")[..8])
            .Distinct(StringComparer.Ordinal).Count(),
        250,
        256);
}
