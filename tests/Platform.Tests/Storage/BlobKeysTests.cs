using Platform.Storage;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class BlobKeysTests
{
    private static readonly Guid TaskId = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");
    private static readonly Guid Audio = Guid.Parse("4a9082fd-1865-4261-a0bc-c6cfe96001fc");

    [Fact]
    public void Names_task_attempt_index_file_and_digest() => Assert.Equal(
        "audio/fc/01890a5dac96774bbcceb302099a8057-2-3-4a9082fd18654261a0bcc6cfe96001fc-0000002a.mp3",
        Key(TaskId, 2, 3, Audio));

    [Fact]
    public void Differs_as_soon_as_one_of_them_does()
    {
        var keys = new[]
        {
            Key(TaskId, 1, 0, Audio),
            Key(Guid.NewGuid(), 1, 0, Audio),
            Key(TaskId, 2, 0, Audio),
            Key(TaskId, 1, 1, Audio),
            Key(TaskId, 1, 0, Guid.NewGuid()),
        };

        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Spreads_over_256_folders() => Assert.InRange(
        Enumerable.Range(0, 5000)
            .Select(_ => Key(TaskId, 1, 0, Guid.NewGuid())[..8])
            .Distinct(StringComparer.Ordinal).Count(),
        250,
        256);

    [Fact]
    public void Says_what_a_key_names_and_what_it_must_contain()
    {
        var key = Key(TaskId, 2, 3, Audio);

        Assert.Equal(new ResultFile(TaskId, 2, 3, Audio), BlobKeys.FindResult(key));
        Assert.Equal(42u, BlobKeys.DigestOf(key));
        Assert.Null(BlobKeys.FindMedium(key));
        Assert.Equal(Audio, BlobKeys.FindMedium(BlobKeys.OfMedium(Audio, 42, "wav")));
        Assert.Equal(42u, BlobKeys.DigestOf(BlobKeys.OfMedium(Audio, 42, "wav")));
    }

    [Theory]
    [InlineData("audio/ab/one.mp3")]
    [InlineData("audio/ab/.probe-0000")]
    [InlineData("media/ab/one.mp3")]
    [InlineData("audio/fc/01890a5dac96774bbcceb302099a8057-x-3-4a9082fd18654261a0bcc6cfe96001fc-0000002a.mp3")]
    public void Knows_nothing_of_names_that_it_did_not_give(string key)
    {
        Assert.Null(BlobKeys.FindResult(key));
        Assert.Null(BlobKeys.FindMedium(key));
    }

    private static string Key(Guid taskId, short attempt, short index, Guid file) =>
        BlobKeys.OfResult(new ResultFile(taskId, attempt, index, file), 42, "mp3");
}
