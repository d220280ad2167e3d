using Platform.Bench;
using Platform.Bench.Stage;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class ServerCommandsTests
{
    [Fact]
    public void Reads_the_key_behind_log_lines() =>
        Assert.Equal("rw_live_x", ServerCommands.ReadKey("info: connected {0}\n{\"keyId\":\"1\",\"key\":\"rw_live_x\"}\n"));

    [Theory]
    [InlineData("{\"tenantId\":\"t1\",\"name\":\"bench\"}", "t1")]
    [InlineData("{\"id\":7}", "7")]
    public void Reads_the_tenant(string output, string expected) => Assert.Equal(expected, ServerCommands.ReadTenant(output));

    [Theory]
    [InlineData("done")]
    [InlineData("{\"name\":\"bench\"}")]
    public void Says_so_when_the_answer_is_missing(string output) =>
        Assert.Throws<BenchException>(() => ServerCommands.ReadKey(output));

    [Fact]
    public void Leaves_the_slots_to_the_server_unless_they_are_given()
    {
        Assert.False(Settings(null).ContainsKey("PLATFORM_WORKER__SLOTS"));
        Assert.Equal("http://127.0.0.1:5080", Settings(32)["PLATFORM_STORAGE__PUBLICBASEURL"]);
        Assert.Equal("32", Settings(32)["PLATFORM_WORKER__SLOTS"]);
    }

    private static Dictionary<string, string> Settings(int? slots) =>
        ServerCommands.Settings("Host=x", new Uri("amqp://x"), new Uri("http://127.0.0.1:5080"), "/data", slots);
}
