using Platform.Tests.Fixtures;
using Platform.Tests.Layout;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>The receivers in docs/receivers, which newcomers start: they hear what the real sender sends, and know it from a forgery.</summary>
public sealed class ExampleReceiverTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Theory]
    [InlineData("receiver.py", "python3")]
    [InlineData("receiver.mjs", "node")]
    [InlineData("receiver.cs", "dotnet", "run")]
    public async Task Tells_a_genuine_webhook_from_one_that_is_signed_with_another_secret(string file, params string[] program)
    {
        await using var stage = new WebhookStage(spine);
        var (tenant, stranger) = (await spine.TenantAsync(), await spine.TenantAsync());
        var port = FreePort.One();
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SECRET"] = await stage.SecretAsync(tenant),
            ["PORT"] = $"{port}",
        };
        await using var receiver = await ChildProcess.StartAsync(
            [Needed.Program(program[0]), .. program[1..], Path.Combine(SourceTree.Current.Root, "docs/receivers", file)], environment);
        await receiver.WaitForLineAsync(static line => line.StartsWith("Listening on ", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        var (genuine, forged) = (
            await stage.DueAsync(tenant, $"http://127.0.0.1:{port}/"), await stage.DueAsync(stranger, $"http://127.0.0.1:{port}/"));

        stage.StartSender();

        var line = await receiver.WaitForLineAsync(static line => line.StartsWith("genuine ", StringComparison.Ordinal));
        Assert.StartsWith($"genuine msg_{genuine:N} {{\"data\":[", line, StringComparison.Ordinal);
        line = await receiver.WaitForLineAsync(static line => line.StartsWith("NOT GENUINE ", StringComparison.Ordinal));
        Assert.StartsWith($"NOT GENUINE msg_{forged:N} ", line, StringComparison.Ordinal);
        await stage.StateIsAsync(genuine, "delivered");
        // On a busy machine an attempt may end before the receiver has said what it thinks of it: the next one tells.
        await Poll.UntilAsync(
            "the refusal is recorded", async () => (await stage.AttemptsAsync(stranger, forged)).Any(static one => one.Status == 401));
    }
}
