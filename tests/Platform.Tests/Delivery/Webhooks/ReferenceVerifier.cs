using System.Text.Json;
using Platform.Tests.Fixtures;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>
/// The reference library of Standard Webhooks (npm's <c>standardwebhooks</c>, installed by <c>./dev test</c>) in a process of its own: a
/// receiver that shares nothing with the sender, not even a language.
/// </summary>
internal static class ReferenceVerifier
{
    /// <summary><c>genuine</c>, or what the library said.</summary>
    public static async Task<string> VerifyAsync(Heard heard, string secret)
    {
        var folder = Path.Combine(Layout.SourceTree.Current.Root, "tests/webhook-verifier");
        if (!Directory.Exists(Path.Combine(folder, "node_modules/standardwebhooks")))
        {
            Needed.Missing("the verifier of the webhooks is not installed: ./dev test installs it.");
        }

        using var request = new TempFolder();
        await File.WriteAllTextAsync(
            request["request.json"], JsonSerializer.Serialize(new { secret, headers = heard.Headers, body = Convert.ToBase64String(heard.Body) }));
        await using var verifier = await ChildProcess.StartAsync([Needed.Program("node"), Path.Combine(folder, "verify.mjs"), request["request.json"]]);
        var verdict = await verifier.WaitForLineAsync(static line => line.Length > 0);
        await verifier.Exit;
        return verdict;
    }
}
