using Platform.Delivery.Upload;
using Xunit;

namespace Platform.Tests.Delivery.Upload;

public sealed class UploadAddressTests
{
    private static readonly Guid Audio = Guid.Parse("4a9082fd-1865-4261-a0bc-c6cfe96001fc");

    [Theory]
    [InlineData("https://a.example/{index}.mp3?s=1", "https://a.example/3.mp3?s=1")]
    [InlineData("https://a.example/{audioUUID}.mp3", "https://a.example/4a9082fd-1865-4261-a0bc-c6cfe96001fc.mp3")]
    [InlineData("https://a.example/{index}/{index}-{audioUUID}", "https://a.example/3/3-4a9082fd-1865-4261-a0bc-c6cfe96001fc")]
    [InlineData("https://a.example/{Index}.mp3", "https://a.example/{Index}.mp3")]
    [InlineData("https://a.example/one.mp3?X-Amz-Credential=K%2F1", "https://a.example/one.mp3?X-Amz-Credential=K%2F1")]
    public void Fills_the_placeholders_and_nothing_else(string endpoint, string filled) =>
        Assert.Equal(filled, UploadAddress.Fill(endpoint, 3, Audio));

    [Fact]
    public void The_id_of_an_uploaded_result_is_the_same_at_every_attempt_and_its_own()
    {
        var (task, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        Assert.Equal(UploadAddress.AudioUuidOf(task, 0), UploadAddress.AudioUuidOf(task, 0));
        Assert.Equal(4, new HashSet<Guid>
        {
            UploadAddress.AudioUuidOf(task, 0), UploadAddress.AudioUuidOf(task, 1), UploadAddress.AudioUuidOf(other, 0), UploadAddress.AudioUuidOf(other, 1),
        }.Count);
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", UploadAddress.AudioUuidOf(task, 0).ToString());
    }
}
