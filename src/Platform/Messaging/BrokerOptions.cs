namespace Platform.Messaging;

/// <summary>What carries tickets and events between processes.</summary>
internal sealed class BrokerOptions
{
    public const string Section = "Broker";

    private const int EncryptedPort = 5671;

    /// <summary>An <c>amqp://user:password@host:port/vhost</c> address of RabbitMQ. Empty: in memory, for a single process.</summary>
    public string Uri { get; set; } = "";

    /// <summary>Whether the broker is spoken to by TLS: where the address says <c>amqps</c>, or names the port that is for nothing else.</summary>
    public static bool IsEncrypted(Uri address) => address.Scheme == "amqps" || address.Port == EncryptedPort;

    /// <summary>Begins the name of every queue, so that two installations can share a broker.</summary>
    public string Prefix { get; set; } = "platform";
}
