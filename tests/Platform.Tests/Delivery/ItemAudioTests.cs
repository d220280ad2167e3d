using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Delivery;

public sealed class ItemAudioTests : IDisposable
{
    private static readonly byte[] Stored = "{\"taskType\":\"audioInference\",\"seed\":1}"u8.ToArray();

    private readonly TempFolder folder = new();
    private readonly FolderBlobs blobs;
    private readonly ItemAudio audioOf;
    private readonly byte[] audio = new byte[10_001];

    public ItemAudioTests()
    {
        new Random(3).NextBytes(audio);
        blobs = new FolderBlobs(Options.Create(new StorageOptions { Folder = folder.Path, FlushToDisk = false }), TimeProvider.System);
        audioOf = new ItemAudio(new VerifiedBlobs(blobs, TimeProvider.System, NullLogger<VerifiedBlobs>.Instance));
    }

    public void Dispose()
    {
        blobs.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_item_with_a_link_is_shown_as_it_was_stored()
    {
        var (items, errors) = await CompleteAsync(new DeliveredItem(Stored, OutputType.Url, "audio/gone.mp3"));

        Assert.Empty(errors);
        Assert.Equal(Stored, await items.Single().ToArrayAsync());
    }

    [Fact]
    public async Task Base64_is_the_stored_file()
    {
        await blobs.WriteAsync("audio/ab/one.mp3", audio, TestContext.Current.CancellationToken);

        var (items, _) = await CompleteAsync(new DeliveredItem(Stored, OutputType.Base64Data, "audio/ab/one.mp3"));

        using var item = JsonDocument.Parse(await items.Single().ToArrayAsync());
        Assert.Equal(["taskType", "seed", "audioBase64Data"], item.RootElement.EnumerateObject().Select(member => member.Name).ToArray());
        Assert.Equal(audio, item.RootElement.GetProperty("audioBase64Data").GetBytesFromBase64());
    }

    [Theory]
    [InlineData("mp3", "audio/mpeg")]
    [InlineData("wav", "audio/wav")]
    [InlineData("flac", "audio/flac")]
    [InlineData("ogg", "audio/ogg")]
    public async Task A_data_uri_is_the_stored_file_with_its_type(string extension, string type)
    {
        await blobs.WriteAsync($"audio/ab/one.{extension}", audio, TestContext.Current.CancellationToken);

        var (items, _) = await CompleteAsync(new DeliveredItem(Stored, OutputType.DataUri, $"audio/ab/one.{extension}"));

        using var item = JsonDocument.Parse(await items.Single().ToArrayAsync());
        Assert.Equal(
            $"data:{type};base64,{Convert.ToBase64String(audio)}", item.RootElement.GetProperty("audioDataURI").GetString());
    }

    [Fact]
    public async Task A_file_that_is_gone_is_an_error_of_its_own_beside_the_others()
    {
        await blobs.WriteAsync("audio/ab/one.mp3", audio, TestContext.Current.CancellationToken);

        var (items, errors) = await CompleteAsync(
            new DeliveredItem(Stored, OutputType.Base64Data, "audio/ab/one.mp3"),
            new DeliveredItem(Stored, OutputType.Base64Data, "audio/ab/gone.mp3"));

        Assert.Single(items);
        Assert.Equal(ErrorCodes.MediaExpired, Assert.Single(errors).Code);
    }

    [Theory]
    [InlineData("failed", true)]
    [InlineData("cancelled", true)]
    // A task that is tried again still carries why its last attempt failed; that is not its outcome.
    [InlineData("open", false)]
    public async Task The_error_of_a_task_shows_only_when_the_task_is_over(string state, bool shown)
    {
        var outcome = Outcome(new DeliveredItem(Stored, OutputType.Url, "")) with
        {
            State = state,
            Error = ItemJson.RenderError(new TaskError(ErrorCodes.InferenceError, "Broken.")),
        };

        var (items, errors) = await audioOf.CompleteAsync(outcome, TestContext.Current.CancellationToken);

        Assert.Single(items);
        Assert.Equal(shown ? ["inferenceError"] : [], errors.Select(error => error.Code).ToArray());
    }

    [Fact]
    public async Task A_damaged_file_is_an_error_and_is_not_handed_out()
    {
        var key = $"audio/ab/one-{BlobDigest.Of(audio):x8}.mp3";
        audio[5000] ^= 1;
        await blobs.WriteAsync(key, audio, TestContext.Current.CancellationToken);

        var (items, errors) = await CompleteAsync(new DeliveredItem(Stored, OutputType.Base64Data, key));

        Assert.Empty(items);
        Assert.Equal((ErrorCodes.InferenceError, true), (errors[0].Code, errors[0].Message.Contains("damaged", StringComparison.Ordinal)));
    }

    private Task<(List<ReplyText> Items, List<TaskError> Errors)> CompleteAsync(params DeliveredItem[] items) =>
        audioOf.CompleteAsync(Outcome(items), TestContext.Current.CancellationToken);

    private static TaskOutcome Outcome(params DeliveredItem[] items) => new()
    {
        TaskId = Guid.NewGuid(),
        State = "succeeded",
        NumberResults = items.Length,
        Items = items,
    };
}
