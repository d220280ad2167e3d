using System.Net.Security;
using System.Security.Authentication;
using MassTransit;

namespace Platform.Messaging;

/// <summary>What a process listens to; the transport decides how.</summary>
internal sealed class BusPlan
{
    /// <summary>Pools whose tickets come here.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>Tickets that one process keeps at hand for a pool; the others stay in the queue for other workers.</summary>
    public int TicketsAtHand { get; init; } = 2;

    /// <summary>Whether this node has synchronous callers to wake.</summary>
    public bool ListensForItself { get; init; }

    /// <summary>Whether this process sends webhooks.</summary>
    public bool SendsWebhooks { get; init; }

    public required Action<IReceiveEndpointConfigurator, IRegistrationContext> ConsumeTickets { get; init; }

    public required Action<IReceiveEndpointConfigurator, IRegistrationContext> ConsumeEvents { get; init; }

    public required Action<IReceiveEndpointConfigurator, IRegistrationContext> ConsumeBells { get; init; }
}

/// <summary>The only place that knows which transport carries the messages.</summary>
internal static class TransportSetup
{
    public static void AddPlatformBus(
        this IServiceCollection services,
        BrokerOptions broker,
        Func<IServiceProvider, BusPlan> plan,
        Action<IRegistrationConfigurator> consumers)
    {
        services.AddMassTransit(bus =>
        {
            // A platform says nothing about itself to anybody whom its operator did not choose.
            bus.DisableUsageTelemetry();
            consumers(bus);
            if (broker.Uri.Length == 0)
            {
                bus.UsingInMemory((context, setup) =>
                {
                    DefineEndpoints(setup, context, plan(context));
                });
            }
            else
            {
                bus.UsingRabbitMq((context, setup) =>
                {
                    var address = new Uri(broker.Uri);
                    setup.Host(address, host => Encrypt(host, address));
                    DefineEndpoints(setup, context, plan(context));
                });
            }
        });

        // The platform waits for its broker, it does not fail to start for the lack of one.
        services.Configure<MassTransitHostOptions>(static options => options.WaitUntilStarted = false);
    }

    /// <summary>
    /// For a verb of the command line: what it tells nobody hears. The rows say the same, and whoever waits looks there by itself.
    /// </summary>
    public static void AddSilentBus(this IServiceCollection services)
    {
        services.AddMassTransit(static bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory();
        });
        services.AddSingleton<NodeIdentity>();
        services.AddSingleton<QueueNames>();
        services.AddSingleton<SettledEvents>();
        services.AddSingleton<WebhookBell>();
    }

    // By itself MassTransit goes by the port, whatever the scheme says, and takes a certificate that no authority signed.
    private static void Encrypt(IRabbitMqHostConfigurator host, Uri address)
    {
        if (BrokerOptions.IsEncrypted(address))
        {
            host.UseSsl(ssl =>
            {
                ssl.Protocol = SslProtocols.None;
                ssl.ServerName = address.Host;
                ssl.EnforcePolicyErrors(
                    SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch
                    | SslPolicyErrors.RemoteCertificateNotAvailable);
            });
        }
    }

    private static void DefineEndpoints(IBusFactoryConfigurator setup, IRegistrationContext context, BusPlan plan)
    {
        var names = context.GetRequiredService<QueueNames>();
        foreach (var pool in plan.Pools)
        {
            setup.ReceiveEndpoint(names.OfPool(pool), endpoint =>
            {
                Harden(endpoint, plan.TicketsAtHand);
                plan.ConsumeTickets(endpoint, context);
            });
            if (names.AddressOfKnocks(pool) is not null)
            {
                setup.ReceiveEndpoint(names.OfKnocks(pool), endpoint =>
                {
                    MakeForgetful(endpoint, plan.TicketsAtHand);
                    plan.ConsumeTickets(endpoint, context);
                });
            }
        }

        if (plan.SendsWebhooks)
        {
            setup.ReceiveEndpoint(names.Webhooks, endpoint =>
            {
                Harden(endpoint, plan.TicketsAtHand);
                plan.ConsumeBells(endpoint, context);
            });
        }

        if (plan.ListensForItself)
        {
            setup.ReceiveEndpoint(names.NodeQueue, endpoint =>
            {
                MakeTemporary(endpoint, atOnce: 16);
                plan.ConsumeEvents(endpoint, context);
            });
        }
    }

    private static void Harden(IReceiveEndpointConfigurator endpoint, int atHand)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = atHand;
        endpoint.ConcurrentMessageLimit = atHand;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.SetQuorumQueue();
        }
    }

    private static void MakeForgetful(IReceiveEndpointConfigurator endpoint, int atHand)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = atHand;
        endpoint.ConcurrentMessageLimit = atHand;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            foreach (var (name, value) in QueueNames.KnockArguments)
            {
                rabbit.SetQueueArgument(name, value);
            }
        }
    }

    // It lives and dies with the one who listens to it: nobody else is concerned, and nobody once that one is gone.
    private static void MakeTemporary(IReceiveEndpointConfigurator endpoint, int atOnce)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = 4 * atOnce;
        endpoint.ConcurrentMessageLimit = atOnce;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.AutoDelete = true;
            rabbit.Durable = false;
        }
    }
}
