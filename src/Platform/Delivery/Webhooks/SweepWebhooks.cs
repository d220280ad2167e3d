using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// The sweep on which no webhook stays lost: what a dead sender had leased is due again, and what ended long ago is forgotten. Any number
/// of nodes may run it.
/// </summary>
internal sealed partial class SweepWebhooks(
    Database database, SendWebhooks sender, IOptions<WebhookOptions> options, TimeProvider time, ILogger<SweepWebhooks> log)
{
    private static readonly string Rescue = SqlText.Load("webhook-rescue");
    private static readonly string Forget = SqlText.Load("webhook-forget");
    private static readonly TimeSpan BetweenForgetting = TimeSpan.FromMinutes(10);

    private const int ForgottenAtOnce = 1000;

    private long _forgotAt;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Rescue);
        var lost = await command.ExecuteNonQueryAsync(cancellation);
        if (lost > 0)
        {
            LogRescued(log, lost);
        }

        sender.Wake();
        if (_forgotAt == 0 || time.GetElapsedTime(_forgotAt) > BetweenForgetting)
        {
            await ForgetAsync(cancellation);
            _forgotAt = time.GetTimestamp();
        }
    }

    private async Task ForgetAsync(CancellationToken cancellation)
    {
        // What grows old meanwhile is for the next time: something does every moment, and lost webhooks wait behind this.
        int forgotten;
        do
        {
            await using var command = database.Relaxed.CreateCommand(Forget);
            command.Add(TimeSpan.FromDays(options.Value.RetentionDays));
            command.Add(ForgottenAtOnce);
            forgotten = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (forgotten == ForgottenAtOnce);
    }

    [LoggerMessage(EventId = 4401, Level = LogLevel.Warning, Message = "{Count} webhooks of silent senders are due again")]
    private static partial void LogRescued(ILogger log, int count);
}
