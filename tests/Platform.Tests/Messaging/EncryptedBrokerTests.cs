using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Platform.Messaging;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Platform.Tests.Messaging;

/// <summary>A broker that speaks TLS, on a port of its own choice, with a certificate of an authority that has to be named.</summary>
public sealed class EncryptedBrokerTests(TestPostgres postgres) : IDisposable
{
    private const string Prefix = "tls";

    private readonly TempFolder folder = new();

    [Fact]
    public async Task Is_spoken_to_when_its_authority_is_trusted_and_not_before()
    {
        var port = FreePort.One();
        await WriteCertificatesAsync();
        await using var node = await RabbitNode.StartNewAsync(
            string.Create(CultureInfo.InvariantCulture, $"listeners.ssl.1 = 127.0.0.1:{port}"),
            $"ssl_options.certfile = {folder["server.crt"]}", $"ssl_options.keyfile = {folder["server.key"]}");
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), new Uri($"amqps://guest:guest@localhost:{port}/"));
        using var data = cluster.Folder;

        await using (var stranger = await cluster.StartAsync("worker", ("PLATFORM_BROKER__PREFIX", Prefix)))
        {
            await stranger.WaitForLineAsync(static line => line.Contains("remote certificate was rejected", StringComparison.Ordinal));
            Assert.Equal(0u, await CountListenersAsync(node));
        }

        // The doctor is as strict, and trusts whom the process trusts.
        var stranded = Assert.Single(await AskBroker.RunAsync(
            new BrokerOptions { Uri = $"amqps://guest:guest@localhost:{port}/" }, [], TestContext.Current.CancellationToken));
        Assert.NotNull(stranded.Fix);
        await using var doctor = await ServerProcess.StartAsync(["doctor", "--data", data.Path], new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PLATFORM_BROKER__URI"] = $"amqps://guest:guest@localhost:{port}/", ["SSL_CERT_DIR"] = $"/etc/ssl/certs:{folder["trusted"]}",
        });
        await doctor.WaitForLineAsync(line => line.Contains($"RabbitMQ at localhost:{port} lets us in", StringComparison.Ordinal));
        await using var friend = await cluster.StartAsync(
            "worker", ("PLATFORM_BROKER__PREFIX", Prefix), ("SSL_CERT_DIR", $"/etc/ssl/certs:{folder["trusted"]}"));
        await Until.TrueAsync(async () => await CountListenersAsync(node) == 1);
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    public void Dispose() => folder.Dispose();

    // The node's other port is not encrypted, so that the test need not trust anybody.
    private static async Task<uint> CountListenersAsync(RabbitNode node)
    {
        var token = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = node.Uri }.CreateConnectionAsync(token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        try
        {
            return (await channel.QueueDeclarePassiveAsync($"{Prefix}-knocks-qwen3_tts_customvoice", token)).ConsumerCount;
        }
        catch (OperationInterruptedException fault) when (fault.ShutdownReason?.ReplyCode == 404)
        {
            return 0;
        }
    }

    private async Task WriteCertificatesAsync()
    {
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority of the tests", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = authority.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(root, from, to, [1, 2, 3, 4]);
        Directory.CreateDirectory(folder["trusted"]);
        var token = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(folder["trusted/ca.crt"], root.ExportCertificatePem(), token);
        await File.WriteAllTextAsync(folder["server.crt"], certificate.ExportCertificatePem(), token);
        await File.WriteAllTextAsync(folder["server.key"], key.ExportPkcs8PrivateKeyPem(), token);
    }
}
