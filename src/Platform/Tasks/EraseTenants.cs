using System.Runtime.ExceptionServices;
using Npgsql;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Persistence;
using Platform.Storage;

namespace Platform.Tasks;

/// <summary>
/// The sweep behind <c>tenants erase</c>: ends what is open, then deletes files, tasks with their payloads, webhooks and media of tenants
/// whose erasure was asked for. Each step finds its work in rows, so that it can be killed anywhere; the ledger is not touched.
/// </summary>
internal sealed partial class EraseTenants(Database database, IBlobStore blobs, SettleTasks settle, ILogger<EraseTenants> log)
{
    private const int BatchesOfATurn = 20;
    private const string Asked = "select tenant_id from tenants where erasure_asked_at is not null and erased_at is null order by erasure_asked_at";
    private const string Open = "select task_id from open_tasks where tenant_id = $1 limit 500";
    private const string Ended = "select task_id from tasks where tenant_id = $1 and state <> 'open' order by task_id limit 500";
    private const string Mark = "update task_results set deleted_at = now() where audio_uuid = any($1)";
    private static readonly string Files = SqlText.Load("erase-files");
    private static readonly string Tasks = SqlText.Load("erase-tasks");
    private static readonly string Rest = SqlText.Load("erase-rest");
    private static readonly string Finish = SqlText.Load("erase-finish");

    private static readonly byte[] Reason = ItemJson.RenderError(new TaskError(
        ErrorCodes.TaskCancelled, "The account's data are being erased. Nothing was charged for what was not finished."));

    /// <summary>
    /// Returns when all that could be erased is. Tenants take turns, so that one with much to delete does not keep the others waiting; nor does
    /// one whose erasure fails, which is thrown in the end.
    /// </summary>
    /// <param name="progressed">Told after each round of turns, as long as none has failed: millions of tasks take hours.</param>
    public async Task RunAsync(CancellationToken cancellation, Action? progressed = null)
    {
        var failed = new Dictionary<Guid, ExceptionDispatchInfo>();
        bool isSomethingLeft;
        do
        {
            isSomethingLeft = false;
            foreach (var tenantId in await ReadAsync(Asked, null, static row => row.GetGuid(0), cancellation))
            {
                try
                {
                    isSomethingLeft |= !failed.ContainsKey(tenantId) && !await EraseAsync(tenantId, cancellation);
                }
                catch (Exception fault) when (fault is NpgsqlException or IOException)
                {
                    failed[tenantId] = ExceptionDispatchInfo.Capture(fault);
                    LogFailed(log, tenantId, fault.Message);
                }
            }

            if (failed.Count == 0)
            {
                progressed?.Invoke();
            }
        }
        while (isSomethingLeft);
        failed.Values.FirstOrDefault()?.Throw();
    }

    /// <summary>One turn of a tenant; false when it has more to delete.</summary>
    private async Task<bool> EraseAsync(Guid tenantId, CancellationToken cancellation)
    {
        for (var batch = 0; await EraseSomeAsync(tenantId, cancellation); batch++)
        {
            if (batch == BatchesOfATurn)
            {
                return false;
            }
        }

        await ExecuteAsync(Rest, tenantId, cancellation);
        if (await ExecuteAsync(Finish, tenantId, cancellation) > 0)
        {
            LogErased(log, tenantId);
        }

        return true;
    }

    /// <summary>A batch of open tasks, or of ended ones with their files. False when none is left, or none could be deleted.</summary>
    private async Task<bool> EraseSomeAsync(Guid tenantId, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (await ReadAsync(Open, tenantId, static row => row.GetGuid(0), cancellation) is { Count: > 0 } open)
        {
            await Task.WhenAll(open.Select(id => settle.SettleAsync(
                new Settlement { TaskId = id, NextState = TaskState.Cancelled, Error = Reason })));
            return true;
        }

        var ended = await ReadAsync(Ended, tenantId, static row => row.GetGuid(0), cancellation);
        if (ended.Count == 0)
        {
            return false;
        }

        await DeleteFilesAsync(ended, cancellation);
        await using var command = database.Durable.CreateCommand(Tasks);
        command.Add(tenantId);
        command.AddColumn(ended, static id => id);
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    private async Task DeleteFilesAsync(List<Guid> taskIds, CancellationToken cancellation)
    {
        var files = new List<(Guid Id, string Key)>();
        await using (var find = database.Relaxed.CreateCommand(Files))
        {
            find.AddColumn(taskIds, static id => id);
            await using var row = await find.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                files.Add((row.GetGuid(0), row.GetString(1)));
            }
        }

        if (files.Count > 0)
        {
            await blobs.DeleteAsync(files.ConvertAll(static file => file.Key), cancellation);
            await using var mark = database.Relaxed.CreateCommand(Mark);
            mark.AddColumn(files, static file => file.Id);
            await mark.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task<int> ExecuteAsync(string statement, Guid tenantId, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(statement);
        command.Add(tenantId);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<T>> ReadAsync<T>(
        string statement, Guid? tenantId, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(statement);
        if (tenantId is { } id)
        {
            command.Add(id);
        }

        await using var row = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await row.ReadAsync(cancellation))
        {
            rows.Add(read(row));
        }

        return rows;
    }

    [LoggerMessage(EventId = 2902, Level = LogLevel.Warning, Message = "The erasure of tenant {TenantId} failed, and is tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, Guid tenantId, string reason);

    [LoggerMessage(EventId = 2901, Level = LogLevel.Information, Message = "Tenant {TenantId} is erased; its account and ledger stay")]
    private static partial void LogErased(ILogger log, Guid tenantId);
}
