using System.CommandLine;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>keys create | list | find | revoke</c>.</summary>
internal static class KeyVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("keys", "API keys of tenants.")
    {
        CreateOne(),
        Verb.Make("list", "A tenant's keys, newest first.", [Id, Json], ListAsync),
        Find(),
        Revoke(),
    };

    private static Command CreateOne()
    {
        var name = new Option<string?>("--name") { Description = "What the key is for." };
        var environment = new Option<string?>("--env") { Description = "A word in the key. Default: Tenants:KeyEnvironment." };
        environment.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var word }] && !TenantsOptions.IsKeyEnvironment(word))
            {
                result.AddError("--env is a word of 1 to 16 small letters and digits, such as live.");
            }
        });
        var expires = new Option<string?>("--expires") { Description = "When it ends, in ISO 8601, such as 2027-01-31." };
        return Verb.Make("create", "Make an API key. It is shown once.", [Id, name, environment, expires, Json],
            async (services, given, cancellation) =>
            {
                var draft = new KeyDraft(
                    given.GetValue(Id), given.GetValue(environment) ?? services.KeyEnvironment(), given.GetValue(name),
                    ReadEnd(given.GetValue(expires), services.Get<TimeProvider>()));
                var (key, text) = await services.Get<RegisterTenants>().CreateKeyAsync(draft, Verb.Actor, cancellation);
                Verb.Answer(given.GetValue(Json), KeyAnswer.Of(key) with { Key = text }, text);
            });
    }

    private static DateTimeOffset? ReadEnd(string? text, TimeProvider time)
    {
        if (text is null)
        {
            return null;
        }

        return Iso8601.TryParse(text, out var end) && end > time.GetUtcNow() ? end : throw new VerbRefusedException(
            "--expires is a date or an instant in the future, in ISO 8601, such as 2027-01-31 or 2027-01-31T12:00:00Z.");
    }

    private static async Task ListAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var tenantId = given.GetValue(Id);
        var read = services.Get<ReadTenants>();
        if (await read.FindAsync(tenantId, cancellation) is null)
        {
            throw new KeyNotFoundException($"There is no tenant {tenantId}: 'tenants list' shows all.");
        }

        var now = services.Get<TimeProvider>().GetUtcNow();
        var keys = await AllPages.ReadAsync(
            (Guid? before, int limit) => read.ListKeysForTenantAsync(tenantId, before, limit, cancellation), static key => key.KeyId);
        Verb.Answer(
            given.GetValue(Json),
            new { Items = keys.Select(KeyAnswer.Of) },
            TextTable.Render(["KEY", "PREFIX", "NAME", "STATE", "CREATED", "EXPIRES"], keys.Select(key => new[]
            {
                key.KeyId.ToString(), key.Prefix, key.Name, StateOf(key, now), Iso8601.Write(key.CreatedAt)[..10],
                key.ExpiresAt is { } end ? Iso8601.Write(end)[..10] : "never",
            })));
    }

    private static Command Find()
    {
        var prefix = new Option<string>("--prefix")
        {
            Required = true, Description = "How the key begins, such as rw_live_a1B2c3. What follows is not needed and not looked at.",
        };
        return Verb.Make("find", "Whose key it is that turned up somewhere.", [prefix, Json], async (services, given, cancellation) =>
        {
            var known = PrefixOf("--prefix", given.GetValue(prefix)!);
            var keys = await services.Get<ReadTenants>().FindKeysAcrossTenantsAsync(known, cancellation);
            if (keys.Count == 0)
            {
                throw new KeyNotFoundException(
                    $"No key here begins with {known}: it is another installation's, or was made after the backup that this one comes from.");
            }

            var now = services.Get<TimeProvider>().GetUtcNow();
            Verb.Answer(
                given.GetValue(Json),
                new { Items = keys.Select(key => new { key.KeyId, key.TenantId, key.Prefix, key.Name, State = StateOf(key, now) }) },
                TextTable.Render(["KEY", "TENANT", "PREFIX", "NAME", "STATE"], keys.Select(key => new[]
                {
                    key.KeyId.ToString(), key.TenantId.ToString(), key.Prefix, key.Name, StateOf(key, now),
                })));
        });
    }

    /// <summary>What the platform knows a key by.</summary>
    /// <exception cref="VerbRefusedException">It is not the beginning of one.</exception>
    public static string PrefixOf(string option, string beginning) => KeyText.FindPrefix(beginning) ?? throw new VerbRefusedException(
        $"{option} is the beginning of a key, with six characters behind its second _, such as rw_live_a1B2c3.");

    private static string StateOf(ApiKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : "active";

    private static Command Revoke()
    {
        var id = new Option<Guid>("--key") { Required = true, Description = "The key's id, as 'keys list' shows it." };
        return Verb.Make("revoke", "End a key for good, within 5 s on every node.", [id, Json], async (services, given, cancellation) =>
        {
            var key = await services.Get<RevokeKey>().RunAsync(given.GetValue(id), Verb.Actor, cancellation)
                ?? throw new KeyNotFoundException($"There is no key {given.GetValue(id)}: 'keys list' shows a tenant's.");
            Verb.Answer(given.GetValue(Json), KeyAnswer.Of(key), $"Revoked {key.Prefix}");
        });
    }
}
