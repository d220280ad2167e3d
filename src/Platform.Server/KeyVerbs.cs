using System.CommandLine;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>keys create</c>.</summary>
internal static class KeyVerbs
{
    public static Command Create()
    {
        var tenant = new Option<Guid>("--tenant") { Required = true, Description = "The tenant's id." };
        var name = new Option<string?>("--name") { Description = "What the key is for." };
        var environment = new Option<string>("--env") { Description = "A word in the key, such as live.", DefaultValueFactory = static _ => "live" };
        var json = Verb.Json();
        var create = new Command("create", "Make an API key. It is shown once.") { tenant, name, environment, json };
        create.SetAction((given, cancellation) => Verb.WithPlatformAsync(
            async services =>
            {
                var (key, text) = await services.GetRequiredService<RegisterTenants>()
                    .CreateKeyAsync(given.GetValue(tenant), given.GetValue(environment)!, given.GetValue(name), cancellation);
                Verb.Answer(given.GetValue(json), new { key.KeyId, Key = text, key.Prefix }, text);
            },
            cancellation));
        return new Command("keys", "API keys of tenants.") { create };
    }
}
