using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;
using Platform.Tasks;

namespace Platform.Hosting.Doctor;

/// <summary>What this machine has to have: room on its disks, a store that takes files, engines that can speak, libraries that encode.</summary>
internal static class MachineChecks
{
    private const long Tight = 5L << 30;
    private const long Full = 512L << 20;

    public static async Task<IReadOnlyList<Diagnosis>> RunAsync(IConfiguration settings, DataFolder data, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(Microsoft.Extensions.Logging.Abstractions.NullLogger<>));
        services.AddSettings(settings);
        services.PostConfigure<StorageOptions>(storage => storage.Folder = storage.Folder.Length > 0 ? storage.Folder : data.PathOf("media"));
        services.AddStorage();
        services.AddEngines(settings);
        var catalog = ModelCatalog.Load(SchemaFiles.Embedded());
        var voices = VoiceBook.Load(SchemaFiles.Embedded(), catalog);
        services.AddSingleton(AddPlatformExtensions.VoicesOf(voices));
        await using var provider = services.BuildServiceProvider();
        List<Diagnosis> findings = [CheckDisk("data folder", data.Path), await CheckStorageAsync(provider, cancellation)];
        var storage = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
        if (provider.GetRequiredService<IOptions<S3Options>>().Value.Bucket.Length == 0)
        {
            findings.Add(CheckDisk("media folder", storage.Folder));
        }

        findings.Add(CheckDisk("spool folder", provider.GetRequiredService<IOptions<EnginesOptions>>().Value.SpoolPath));
        findings.Add(MediaFault.Find() is { } missing
            ? Diagnosis.Fault("encoders", missing, "Install it; no worker starts without.")
            : Diagnosis.Ok("encoders", "Every audio library is there."));
        findings.AddRange(await CheckEnginesAsync(provider, settings, (catalog, voices), cancellation));
        return findings;
    }

    internal static Diagnosis CheckDisk(string name, string folder)
    {
        var existing = folder;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing) ?? "/";
        }

        var disk = new DriveInfo(existing);
        return JudgeDisk($"disk of the {name}", folder, disk.AvailableFreeSpace, disk.TotalSize);
    }

    internal static Diagnosis JudgeDisk(string check, string folder, long free, long size)
    {
        var text = $"{free / (double)(1 << 30):0.0} of {size / (double)(1 << 30):0} GiB are free under {folder}.";
        const string Fix = "Free space or move it: shorter ttl of links, Tasks:RetentionDays, or a bucket (S3:Bucket) in place of the folder.";
        return free < Full ? Diagnosis.Fault(check, text, Fix)
            : free < Math.Min(Tight, size / 10) ? Diagnosis.Warning(check, text, Fix)
            : Diagnosis.Ok(check, text);
    }

    private static async Task<Diagnosis> CheckStorageAsync(IServiceProvider services, CancellationToken cancellation) =>
        await StorageSetup.FindFaultAsync(services, cancellation) is { } fault
            ? Diagnosis.Fault(
                "storage", fault, "Make the folder or the bucket, or correct Storage and S3: a worker waits with finished files until it can store them.")
            : Diagnosis.Ok("storage", "A file was written and deleted again.");

    private static async Task<IReadOnlyList<Diagnosis>> CheckEnginesAsync(
        IServiceProvider services, IConfiguration settings, (ModelCatalog Catalog, VoiceBook Voices) known, CancellationToken cancellation)
    {
        if (!RoleNames.Parse(settings["Roles"]).HasFlag(Roles.Worker))
        {
            return [Diagnosis.Skipped("engines", "This process runs no tasks: ask where a worker runs, since engines may be beside it.")];
        }

        var (catalog, voices) = known;
        var worker = settings.GetSection(WorkerOptions.Section).Get<WorkerOptions>() ?? new WorkerOptions();
        var engines = settings.GetSection(EnginesOptions.Section).Get<EnginesOptions>() ?? new EnginesOptions();
        var (findings, unserved) = (new List<Diagnosis>(), new List<string>());
        foreach (var pool in worker.Pools.Count > 0 ? worker.Pools : [.. catalog.Pools])
        {
            var named = engines.NamesFor(pool);
            var theirs = services.GetServices<IEngine>().Where(engine => named.Contains(engine.Name, StringComparer.Ordinal)).ToList();
            if (theirs.Count == named.Count && !catalog.Models.Any(model => model.Pool == pool && theirs.Any(engine => Speaks(engine, model, voices))))
            {
                unserved.Add(pool);
                continue;
            }

            foreach (var name in named)
            {
                findings.Add(await CheckEngineAsync(services, pool, name, cancellation));
            }
        }

        if (unserved.Count > 0)
        {
            findings.Add(Diagnosis.Skipped(
                "pools not served",
                $"{string.Join(", ", unserved)}: their engines have none of their voices, so tasks are refused with modelNotFound "
                + "(Engines:Pools gives them others)."));
        }

        return findings;
    }

    // In one of the model's voices, or in one of a tenant's own, whatever its id.
    private static bool Speaks(IEngine engine, Model model, VoiceBook voices) =>
        voices.AllowedFor(model).Append(Guid.Empty.ToString()).Any(voice => engine.Serves(model.Air, voice));

    private static async Task<Diagnosis> CheckEngineAsync(IServiceProvider services, string pool, string name, CancellationToken cancellation)
    {
        var check = $"engine of {pool}";
        if (services.GetServices<IEngine>().FirstOrDefault(engine => engine.Name == name) is not { } engine)
        {
            return Diagnosis.Fault(check, $"There is no engine {name}.", $"Correct Engines:Pools:{pool} or Engines:Default.");
        }

        return await engine.FindFaultAsync(cancellation) is { } fault ? Diagnosis.Fault(
                check, fault, $"Install or start {name}, or give the pool another engine (Engines:Pools:{pool}); it matters where a worker runs.")
            : await engine.ProbeAsync(cancellation) is { } away ? Diagnosis.Fault(
                check, $"{name} takes no work: {away}", $"Look at that engine's own log and at its address; the pool's tasks wait or go to its next engine.")
            : Diagnosis.Ok(
                check, engine.ShowsOnlyInCalls ? $"{name} is set up; whether it answers, its first task shows." : $"{name} can speak.");
    }
}
