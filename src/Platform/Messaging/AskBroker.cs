using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Platform.Messaging;

/// <summary>What a look at the broker found. A fix says that something is wrong.</summary>
internal sealed record BrokerFinding(string Text, string? Fix = null, bool IsSkipped = false);

/// <summary>
/// Looks at the broker from outside the bus: whether it lets us in, whether an alarm blocks whoever publishes, and whether the pools' queues
/// are as workers declare them.
/// </summary>
internal static class AskBroker
{
    private const string Setting = "Broker:Uri (PLATFORM_BROKER__URI)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UntilBlocked = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UntilAnswered = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestTalk = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<BrokerFinding>> RunAsync(
        BrokerOptions options, IReadOnlyList<string> pools, CancellationToken cancellation)
    {
        if (options.Uri.Length == 0)
        {
            return [new BrokerFinding("Messages go in memory: one process does all.", IsSkipped: true)];
        }

        if (!Uri.TryCreate(options.Uri, UriKind.Absolute, out var address) || address.Scheme is not ("amqp" or "amqps"))
        {
            return [new BrokerFinding("Broker:Uri is no amqp address.", $"Set {Setting} to amqp://user:password@host:5672/vhost.")];
        }

        try
        {
            // Whatever it hangs in, its greeting or its goodbye: what it has not said by then is not waited for.
            return await TalkAsync(address, options, pools, cancellation).WaitAsync(LongestTalk, cancellation);
        }
        catch (Exception fault) when (IsSilence(fault) && !cancellation.IsCancellationRequested)
        {
            return [Silent(address)];
        }
        catch (BrokerUnreachableException fault)
        {
            return [Explain(fault, address)];
        }
        catch (OperationInterruptedException fault)
        {
            return
            [
                new BrokerFinding(
                    $"The broker ended the conversation: {fault.ShutdownReason?.ReplyText}",
                    $"Make the vhost ('rabbitmqctl add_vhost'), give the user rights on it, or correct {Setting}."),
            ];
        }
    }

    private static async Task<IReadOnlyList<BrokerFinding>> TalkAsync(
        Uri address, BrokerOptions options, IReadOnlyList<string> pools, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory
        {
            Uri = address,
            // As strict as the bus is: the address alone would let a certificate of another name pass.
            Ssl = new SslOption(address.Host, enabled: BrokerOptions.IsEncrypted(address)) { Version = SslProtocols.None },
            RequestedConnectionTimeout = Patience,
            AutomaticRecoveryEnabled = false,
            // A broker under an alarm leaves a goodbye unanswered, too.
            ContinuationTimeout = UntilAnswered,
            ClientProvidedName = "platform doctor",
        };
        await using var connection = await factory.CreateConnectionAsync(cancellation);
        var alarm = await FindAlarmAsync(connection, cancellation);
        if (alarm is not null)
        {
            // A connection that is blocked answers nothing more, so that its queues cannot be looked at.
            return [Explain(alarm)];
        }

        return
        [
            new BrokerFinding($"RabbitMQ at {address.Host}:{address.Port} lets us in and takes messages."),
            .. await CheckQueuesAsync(connection, options, pools, cancellation),
        ];
    }

    private static BrokerFinding Silent(Uri address) => new(
        $"Something takes connections at {address.Host}:{address.Port} and does not answer in time.",
        $"Look at the broker's load and its log ('rabbitmqctl status'), or correct {Setting}. Tasks go on meanwhile, found by the sweeps.");

    // The client cancels a call whose time is over.
    private static bool IsSilence(Exception? fault) => fault is TimeoutException or OperationCanceledException;

    private static BrokerFinding Explain(string reason) => new(
        $"An alarm of the broker blocks whoever publishes: {reason}.",
        reason.Contains("disk", StringComparison.OrdinalIgnoreCase)
            ? "Free disk space on the broker (disk_free_limit). Tasks go on meanwhile, found by the sweeps."
            : "Give the broker memory or raise vm_memory_high_watermark ('rabbitmqctl status' shows who uses it). Tasks go on meanwhile, found by the sweeps.");

    private static BrokerFinding Explain(BrokerUnreachableException fault, Uri address) => fault.InnerException switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException => new BrokerFinding(
            "The broker refuses this user or password.", $"Correct them in {Setting}; 'guest' may come from the broker's own machine only."),
        OperationInterruptedException { ShutdownReason: { } reason } => new BrokerFinding(
            $"The broker refuses: {reason.ReplyText}", $"Make the vhost ('rabbitmqctl add_vhost') or correct {Setting}."),
        var cause when IsSilence(cause) => Silent(address),
        var cause => new BrokerFinding(
            $"The broker at {address.Host}:{address.Port} cannot be reached: {(cause?.InnerException ?? cause ?? fault).Message}",
            $"Start it or correct {Setting}. Until then tasks are found by the sweeps, seconds later than usual."),
    };

    // A broker under an alarm says so to a connection that has published something.
    private static async Task<string?> FindAlarmAsync(IConnection connection, CancellationToken cancellation)
    {
        var blocked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionBlockedAsync += (_, alarm) =>
        {
            blocked.TrySetResult(alarm.Reason);
            return Task.CompletedTask;
        };
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await channel.BasicPublishAsync("", $"platform-doctor-{Guid.NewGuid():N}", ReadOnlyMemory<byte>.Empty, cancellation);
        return await Task.WhenAny(blocked.Task, Task.Delay(UntilBlocked, cancellation)) == blocked.Task ? await blocked.Task : null;
    }

    private static async Task<IReadOnlyList<BrokerFinding>> CheckQueuesAsync(
        IConnection connection, BrokerOptions options, IReadOnlyList<string> pools, CancellationToken cancellation)
    {
        var findings = new List<BrokerFinding>();
        var quorum = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" };
        foreach (var (queue, arguments) in pools.SelectMany(pool => (IEnumerable<(string, IReadOnlyDictionary<string, object?>)>)
            [($"{options.Prefix}-work-{pool}", quorum), ($"{options.Prefix}-knocks-{pool}", QueueNames.KnockArguments)]))
        {
            try
            {
                await using var look = await connection.CreateChannelAsync(cancellationToken: cancellation);
                await look.QueueDeclarePassiveAsync(queue, cancellation);
                await look.QueueDeclareAsync(
                    queue, durable: true, exclusive: false, autoDelete: false,
                    new Dictionary<string, object?>(arguments, StringComparer.Ordinal), cancellationToken: cancellation);
            }
            catch (OperationInterruptedException fault) when (fault.ShutdownReason is { ReplyCode: 404 } reason)
            {
                if (reason.ReplyText.Contains("is down or inaccessible", StringComparison.Ordinal))
                {
                    findings.Add(new BrokerFinding(
                        $"The queue {queue} lives on a node of the broker that is away: {reason.ReplyText}",
                        $"Bring the node back, or delete the queue ('rabbitmqctl delete_queue {queue}'): workers make it anew elsewhere. "
                        + "Tasks go on meanwhile."));
                }

                // Made by the first worker or the first task of the pool.
                continue;
            }
            catch (OperationInterruptedException fault)
            {
                findings.Add(new BrokerFinding(
                    $"The queue {queue} is not as workers declare it: {fault.ShutdownReason?.ReplyText}",
                    $"Stop the workers, delete it ('rabbitmqctl delete_queue {queue}') and start them: they make it anew, and the sweeps send "
                    + "what was in it again."));
            }
        }

        return findings;
    }
}
