using Microsoft.Extensions.Options;
using Platform.Hosting.Nodes;
using Platform.Messaging;
using Platform.Persistence;
using Platform.Persistence.Embedded;
using Platform.Tasks;

namespace Platform.Hosting.Doctor;

/// <summary>
/// Looks at everything that an installation needs, from where it is run: settings, database, broker, storage, engines, disk, addresses, nodes. It
/// starts nothing and repairs nothing; whatever is broken, it goes on to the next.
/// </summary>
internal sealed class RunDoctor(IConfiguration settings, IReadOnlyList<string> arguments)
{
    private readonly DataFolder _data = PlatformHost.DataFolderOf(settings);

    public async Task<IReadOnlyList<Diagnosis>> RunAsync(CancellationToken cancellation)
    {
        var findings = new List<Diagnosis>(CheckSettings());
        var (database, found) = await OpenDatabaseAsync(cancellation);
        findings.AddRange(found);
        findings.AddRange((await AskBroker.RunAsync(BrokerOf(settings), PoolsOf(), cancellation)).Select(ToDiagnosis));
        findings.AddRange(await MachineChecks.RunAsync(settings, _data, cancellation));
        findings.Add(await AddressCheck.RunAsync(settings, cancellation));
        if (database is not null)
        {
            await using (database)
            {
                findings.AddRange(await CheckNodesAsync(database, cancellation));
            }
        }

        return findings;
    }

    private IEnumerable<Diagnosis> CheckSettings()
    {
        var faults = SettingsCheck.FindAll(settings, arguments);
        return faults.Count == 0
            ? [Diagnosis.Ok("settings", "Every name is known and every value is right.")]
            : faults.Select(static fault => Diagnosis.Fault(
                "settings", fault, "Correct it: no process starts with it. appsettings.json shows every setting with its default."));
    }

    private async Task<(Database? Database, IReadOnlyList<Diagnosis> Findings)> OpenDatabaseAsync(CancellationToken cancellation)
    {
        var options = settings.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
        var connection = options.ConnectionString.Length > 0 ? options.ConnectionString : RunningServer.FindConnection(_data.Path);
        if (connection is null)
        {
            return (null, [PostgresHome.Remembered(_data.Path).HasCluster
                ? Diagnosis.Skipped("database", $"The private database in {_data.Path} is not running; start the server and ask again.")
                : Diagnosis.Fault("database", $"There is none in {_data.Path}.", DatabaseSetup.SayWhere)]);
        }

        var database = new Database(connection, maxConnections: 2);
        var findings = await DatabaseChecks.RunAsync(database, options, cancellation);
        if (findings.Any(static one => one is { Check: "database" or "migrations", Health: Health.Fault }))
        {
            await database.DisposeAsync();
            return (null, findings);
        }

        return (database, findings);
    }

    private async Task<IReadOnlyList<Diagnosis>> CheckNodesAsync(Database database, CancellationToken cancellation)
    {
        var options = Options.Create(settings.GetSection(NodesOptions.Section).Get<NodesOptions>() ?? new NodesOptions());
        try
        {
            var nodes = await new ReadNodes(database, options).RunAsync(cancellation);
            return NodeChecks.Run(nodes, await new ReadQueue(database).RunAsync(cancellation));
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            return [Diagnosis.Skipped("nodes", $"The database went away: {fault.Message}")];
        }
    }

    private static BrokerOptions BrokerOf(IConfiguration settings) =>
        settings.GetSection(BrokerOptions.Section).Get<BrokerOptions>() ?? new BrokerOptions();

    private static List<string> PoolsOf() => [.. Catalog.ModelCatalog.Load(Catalog.SchemaFiles.Embedded()).Pools];

    private static Diagnosis ToDiagnosis(BrokerFinding finding) => finding.Fix is { } fix
        ? Diagnosis.Fault("broker", finding.Text, fix)
        : new Diagnosis("broker", finding.IsSkipped ? Health.Skipped : Health.Ok, finding.Text);
}
