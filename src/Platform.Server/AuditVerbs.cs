using System.CommandLine;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Persistence;

namespace Platform.Server;

/// <summary><c>audit list | note</c>.</summary>
internal static class AuditVerbs
{
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("audit", "Who did what, and what it changed.")
    {
        List(),
        Note(),
    };

    private static Command List()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only what concerns this tenant." };
        var action = new Option<string?>("--action") { Description = "Such as tenant.change; with a dot at its end all that begin so." };
        var from = new Option<string?>("--from") { Description = "ISO 8601, such as 2026-11-01." };
        var to = new Option<string?>("--to") { Description = "ISO 8601; not part of it." };
        var limit = new Option<int>("--limit") { Description = "How many records, newest first.", DefaultValueFactory = static _ => 50 };
        return Verb.Make("list", "Records, newest first.", [tenant, action, from, to, limit, Json], async (services, given, cancellation) =>
        {
            var filter = new AuditFilter(
                Verb.Instant("--from", given.GetValue(from)) ?? Period.All.From, Verb.Instant("--to", given.GetValue(to)) ?? Period.All.To)
            {
                TenantId = given.GetValue(tenant), Action = given.GetValue(action),
            };
            var found = await services.Get<AuditTrail>().ListAsync(filter, Math.Max(1, given.GetValue(limit)), cancellation);
            Verb.Answer(given.GetValue(Json), new { Items = found.Select(AuditAnswer.Of) }, TextTable.Render(
                ["AT", "WHO", "ACTION", "TENANT", "SUBJECT", "BEFORE", "AFTER"],
                found.Select(static one => new[]
                {
                    Iso8601.Write(one.At)[..19], one.Actor, one.Action, one.TenantId?.ToString(), one.Subject, one.Before, one.After,
                })));
        });
    }

    private static Command Note()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "The tenant that it is about." };
        var subject = new Option<string>("--subject") { Required = true, Description = "What it is about, such as the name of a difference." };
        var text = new Option<string>("--text") { Required = true, Description = "What was found out." };
        return Verb.Make("note", "Add a record of your own, such as what became of a difference.", [tenant, subject, text, Json],
            async (services, given, cancellation) =>
            {
                await AuditLog.WriteAsync(
                    services.Get<Database>(),
                    new AuditEntry
                    {
                        Actor = Verb.Actor,
                        Action = "audit.note",
                        TenantId = given.GetValue(tenant),
                        Subject = given.GetValue(subject),
                        After = AuditEntry.Fields(new { Note = given.GetValue(text) }),
                    },
                    cancellation);
                Verb.Answer(given.GetValue(Json), new { Noted = true }, "Noted");
            });
    }
}
