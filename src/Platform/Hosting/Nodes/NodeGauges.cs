using System.Diagnostics.Metrics;
using MassTransit;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Storage;
using Platform.Telemetry;

namespace Platform.Hosting.Nodes;

/// <summary>What each process needs to work: database, broker, disk. And what it is.</summary>
internal sealed class NodeGauges : IDisposable
{
    private readonly Meter _meter = Meters.OfHost();

    public NodeGauges(IBusControl bus, NodeVolumes volumes, NodeFacts facts)
    {
        _meter.CreateObservableGauge("platform.database.up", static () => NodeHealth.IsDatabaseUp ? 1 : 0, null, "1 while the database answers this process.");
        _meter.CreateObservableGauge(
            "platform.database.latency", static () => NodeHealth.DatabaseSeconds, "s", "How long a small write took it at the last beat.");
        _meter.CreateObservableGauge(
            "platform.broker.up", () => bus.CheckHealth().Status == BusHealthStatus.Healthy ? 1 : 0, null,
            "1 while this process is connected to the broker with all its queues.");
        _meter.CreateObservableGauge(
            "platform.node", () => new Measurement<long>(1, new("version", TelemetrySetup.Version), new KeyValuePair<string, object?>("roles", facts.Roles)),
            null, "1; its tags say what runs here.");
        var folders = volumes.List();
        _meter.CreateObservableGauge(
            "platform.disk.free", () => folders.SelectMany(static one => Read(one, static disk => disk.AvailableFreeSpace)), "By",
            "Free space where this process writes.");
        _meter.CreateObservableGauge(
            "platform.disk.size", () => folders.SelectMany(static one => Read(one, static disk => disk.TotalSize)), "By", "Size of the same.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Read((string Volume, string Path) volume, Func<DriveInfo, long> figure)
    {
        // A folder that is made with the first file has no drive yet.
        return Directory.Exists(volume.Path)
            ? [new Measurement<long>(figure(new DriveInfo(volume.Path)), new KeyValuePair<string, object?>("volume", volume.Volume))]
            : [];
    }
}

/// <summary>The folders that a process writes to, by the name that alerts know their disks by.</summary>
internal sealed class NodeVolumes(
    DataFolder data, IOptions<StorageOptions> storage, IOptions<S3Options> bucket, IOptions<EnginesOptions> engines)
{
    public IReadOnlyList<(string Volume, string Path)> List() =>
    [
        ("data", data.Path),
        ("spool", engines.Value.SpoolPath),
        .. bucket.Value.Bucket.Length == 0 ? [("media", storage.Value.Folder)] : Array.Empty<(string, string)>(),
    ];
}
