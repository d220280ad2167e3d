namespace Platform.Messaging;

/// <summary>What carries tickets and events between processes.</summary>
internal sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>An <c>amqp://user:password@host:port/vhost</c> address of RabbitMQ. Empty: in memory, for a single process.</summary>
    public string Uri { get; set; } = "";

    /// <summary>Begins the name of every queue, so that two installations can share a broker.</summary>
    public string Prefix { get; set; } = "platform";
}
