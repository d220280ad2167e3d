using System.Buffers;
using System.Text.Json;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Ledger;
using Platform.Tenants;
using Platform.Tenants.Limits;

namespace Platform.Api;

/// <summary><c>accountManagement</c>: who the account is, what it has and what it used.</summary>
internal sealed class AccountManagementHandler(TaskForms forms, ReadTenants tenants, ReadLedger ledger, ReadUsage usage, TimeProvider time)
{
    public const string TaskType = "accountManagement";
    private const int MostKeys = 100;

    // Each takes a connection of the database four times; a crowd of them must not keep tasks from being accepted, nor a tenant's crowd the others waiting.
    private const int AtOnce = 4;
    private const int AtOncePerTenant = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TaskError Busy = new(
        ErrorCodes.ServiceUnavailable, "The account is being looked up too often at the moment. Try again, one request at a time.");

    private readonly TenantPlaces _places = new(AtOnce, AtOncePerTenant, time);

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        using var place = await _places.EnterAsync(call.Caller.TenantId, Patience);
        return place is null ? TaskReply.Failed(Busy) : TaskReply.Of(await RenderAsync(call, cancellation));
    }

    private async Task<ReadOnlyMemory<byte>> RenderAsync(TaskCall call, CancellationToken cancellation)
    {
        var tenantId = call.Caller.TenantId;
        var tenant = (await tenants.FindAsync(tenantId, cancellation))!.Tenant;
        var account = (await ledger.FindAccountForTenantAsync(tenantId, cancellation))!;
        var used = await usage.FindForTenantAsync(tenantId, cancellation);
        var keys = await tenants.ListLiveKeysForTenantAsync(tenantId, time.GetUtcNow(), MostKeys, cancellation);
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = AnswerJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteString("taskType"u8, call.TaskType);
        json.WriteString("taskUUID"u8, call.TaskUuid);
        json.WriteString("organizationUUID"u8, tenantId);
        json.WriteString("organizationName"u8, tenant.Name);
        json.WriteNumber("balance"u8, Usd(account.Balance));
        WriteKeys(json, keys);
        json.WriteStartObject("usage"u8);
        WriteUsage(json, "total", used.Total);
        WriteUsage(json, "today", used.Today);
        WriteUsage(json, "last7Days", used.Last7Days);
        WriteUsage(json, "last30Days", used.Last30Days);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void WriteKeys(Utf8JsonWriter json, IReadOnlyList<ApiKey> keys)
    {
        json.WriteStartArray("apiKeys"u8);
        foreach (var key in keys)
        {
            json.WriteStartObject();
            json.WriteString("apiKey"u8, key.Prefix + "****");
            if (key.Name is not null)
            {
                json.WriteString("name"u8, key.Name);
            }

            json.WriteString("createdAt"u8, Iso8601.Write(key.CreatedAt));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUsage(Utf8JsonWriter json, string name, Spent spent)
    {
        json.WriteStartObject(name);
        json.WriteNumber("credits"u8, Usd(spent.MicroUsd));
        json.WriteNumber("requests"u8, spent.Requests);
        json.WriteEndObject();
    }

    private static decimal Usd(long microUsd) => microUsd / 1_000_000m;
}
