using System.CommandLine;
using Platform.Hosting;
using Platform.Hosting.Doctor;

namespace Platform.Server;

/// <summary><c>doctor</c>: looks at everything that an installation needs; ends with 1 when something is broken.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder of the embedded mode. Default: ./data." };
        var json = Verb.Json();
        var doctor = new Command("doctor", "Look at settings, database, broker, storage, engines, disk, clocks and nodes: a line each, and what to do.")
        {
            data, json,
        };
        doctor.SetAction(async (given, cancellation) =>
        {
            string[] arguments = given.GetValue(data) is { } folder ? ["--data", folder] : [];
            var findings = await new RunDoctor(PlatformHost.ReadSettings(arguments).Configuration, arguments).RunAsync(cancellation);
            Verb.Answer(
                given.GetValue(json),
                new { Items = findings.Select(static one => new { one.Check, Health = NameOf(one.Health), one.Text, one.Fix }) },
                string.Join('\n', findings.Select(static one =>
                    $"{NameOf(one.Health),-8} {one.Check}: {one.Text}{(one.Fix is null ? "" : $"\n{"",-8} -> {one.Fix}")}")));
            return findings.Any(static one => one.Health == Health.Fault) ? 1 : 0;
        });
        return doctor;
    }

    private static string NameOf(Health health) => health.ToString().ToLowerInvariant();
}
