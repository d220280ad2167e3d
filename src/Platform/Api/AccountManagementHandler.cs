using System.Buffers;
using System.Text.Json;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Ledger;
using Platform.Tenants;

namespace Platform.Api;

/// <summary><c>accountManagement</c>: who the account is, what it has and what it used.</summary>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for, so there is nothing to give back while others may still wait.
internal sealed class AccountManagementHandler(TaskForms forms, ReadTenants tenants, ReadLedger ledger, ReadUsage usage, TimeProvider time)
#pragma warning restore CA1001
{
    public const string TaskType = "accountManagement";
    private const int MostKeys = 100;

    // Each takes a connection of the database four times; a crowd of them must not keep tasks from being accepted.
    private const int AtOnce = 4;

    private readonly SemaphoreSlim _turn = new(AtOnce, AtOnce);

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            return TaskReply.Of(await RenderAsync(call, cancellation));
        }
        finally
        {
            _turn.Release();
        }
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
