using System.Text;
using Platform.Catalog;
using Platform.Delivery;
using Xunit;

namespace Platform.Tests.Delivery;

public sealed class ItemJsonTests
{
    private const string Start =
        "{\"taskType\":\"audioInference\",\"taskUUID\":\"4A9082FD-1865-4261-a0bc-c6cfe96001fc\","
        + "\"audioUUID\":\"0e6fbd4c-3ad4-4a38-8d8f-36b1e7f2a6b1\",";

    private static readonly ItemFacts Facts = new()
    {
        TaskUuid = "4A9082FD-1865-4261-a0bc-c6cfe96001fc",
        AudioUuid = Guid.Parse("0e6fbd4c-3ad4-4a38-8d8f-36b1e7f2a6b1"),
        Seed = 42,
    };

    [Fact]
    public void Shows_the_link_the_seed_and_the_uuid_as_it_was_spelled() => Assert.Equal(
        Start + "\"audioURL\":\"https://x.example/media/audio/a+b.mp3\",\"seed\":42}",
        Render(Facts with { AudioUrl = "https://x.example/media/audio/a+b.mp3" }));

    [Fact]
    public void Leaves_room_for_audio_that_is_handed_over_itself() => Assert.Equal(Start + "\"seed\":42}", Render(Facts));

    [Theory]
    [InlineData(100, "0.0001")]
    [InlineData(600, "0.0006")]
    [InlineData(100_000, "0.1")]
    [InlineData(1_000_000, "1")]
    [InlineData(1, "0.000001")]
    [InlineData(9_007_199_254_740_993, "9007199254.740993")]
    public void Writes_the_cost_in_dollars_without_losing_a_digit(long microUsd, string cost) =>
        Assert.EndsWith($",\"cost\":{cost}}}", Render(Facts with { Cost = microUsd }), StringComparison.Ordinal);

    [Fact]
    public void An_error_comes_back_from_its_stored_form()
    {
        var error = new TaskError(ErrorCodes.InferenceError, "Es ging nicht: \"nein\" – 出错了.");

        Assert.Equal(error, ItemJson.ReadError(ItemJson.RenderError(error)));
    }

    [Fact]
    public void It_keeps_the_parameter_at_fault_and_one_from_before_has_none()
    {
        var error = new TaskError(ErrorCodes.UploadFailed, "No.") { Parameter = "uploadEndpoint" };

        Assert.Equal(error, ItemJson.ReadError(ItemJson.RenderError(error)));
        Assert.Equal(error with { Parameter = null }, ItemJson.ReadError("""{"Code":"uploadFailed","Message":"No."}"""u8));
    }

    private static string Render(ItemFacts facts) => Encoding.UTF8.GetString(ItemJson.Render(facts));
}
