using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.Bench.Load;
using Xunit;

namespace Platform.Tests.Bench;

public sealed partial class TaskRequestTests
{
    [Theory]
    [InlineData(false, "sync")]
    [InlineData(true, "async")]
    public void Is_a_whole_request_whose_length_is_right(bool isAsync, string delivery)
    {
        var text = Encoding.UTF8.GetString(TaskRequest.Render("127.0.0.1:5080", "rw_key", isAsync).Copy());
        var parts = text.Split("\r\n\r\n");
        Assert.StartsWith("POST /v1 HTTP/1.1\r\n", parts[0], StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer rw_key", parts[0], StringComparison.Ordinal);
        Assert.Contains($"Content-Length: {parts[1].Length}", parts[0], StringComparison.Ordinal);
        using var body = JsonDocument.Parse(parts[1]);
        var task = body.RootElement[0];
        Assert.Equal(delivery, task.GetProperty("deliveryMethod").GetString());
        Assert.Equal("WAV", task.GetProperty("outputFormat").GetString());
        Assert.InRange(task.GetProperty("speech").GetProperty("text").GetString()!.Length, 180, 220);
    }

    [Fact]
    public void Changes_only_the_uuid_between_two_sendings()
    {
        var template = TaskRequest.Render("127.0.0.1:5080", "rw_key", isAsync: false);
        var request = template.Copy();
        RequestTemplate.WriteUuid(request.AsSpan(template.UuidStart, RequestTemplate.UuidLength), new Random(1));
        var uuid = Encoding.ASCII.GetString(request, template.UuidStart, RequestTemplate.UuidLength);
        var expected = Encoding.ASCII.GetString(template.Copy()).Replace(RequestTemplate.Placeholder, uuid, StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.ASCII.GetString(request));
    }

    [Fact]
    public void Writes_version_4_uuids_that_never_repeat()
    {
        var random = new Random(7);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var bytes = new byte[RequestTemplate.UuidLength];
        for (var i = 0; i < 10_000; i++)
        {
            RequestTemplate.WriteUuid(bytes, random);
            var uuid = Encoding.ASCII.GetString(bytes);
            Assert.Matches(Version4(), uuid);
            Assert.True(seen.Add(uuid), uuid);
        }
    }

    [Fact]
    public void Refuses_a_request_without_a_place_for_the_uuid() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestTemplate("POST /v1 HTTP/1.1\r\n\r\n"u8.ToArray()));

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", RegexOptions.None, 1000)]
    private static partial Regex Version4();
}
