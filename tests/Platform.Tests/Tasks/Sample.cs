using System.Text;
using Platform.Catalog;
using Platform.Ledger;
using Platform.Pricing;
using Platform.Tasks;
using Platform.Tests.Catalog;

namespace Platform.Tests.Tasks;

/// <summary>Tasks and settlements as the platform makes them.</summary>
internal static class Sample
{
    /// <summary>A valid task with an id and a UUID of its own, 100 micro-USD a result.</summary>
    public static NewTask Task(Guid tenantId, string pool, int results = 1, string members = "")
    {
        var uuid = Guid.NewGuid();
        var request = Encoding.UTF8.GetBytes(SampleTask
            .Text($"\"outputFormat\":\"WAV\",\"numberResults\":{results}{members}")
            .Replace(SampleTask.Uuid, uuid.ToString(), StringComparison.Ordinal));
        return new NewTask
        {
            TaskId = Guid.CreateVersion7(),
            TenantId = tenantId,
            KeyId = Guid.NewGuid(),
            TaskUuid = uuid,
            Spec = SampleTask.Catalog.Interpret(request),
            Pool = pool,
            PricePerResult = 100,
            PriceVersion = "test",
            Units = 12,
            MicroUsdPerMillion = 500_000,
            Seed = 7,
            VirtualCost = 1000,
            MaxQueued = int.MaxValue,
            Request = request,
        };
    }

    /// <summary>Prices of the book alone: no tenant has its own, and no tier is looked up.</summary>
    public static QuoteTask Quotes() => new(
        PriceBook.Load(SchemaFiles.Embedded(), SampleTask.Catalog.Models.Select(model => model.Air)), new PriceOverrides(null!), new VolumeMarks(null!));

    public static FinishedResult Result(ClaimedTask task, int index) => new()
    {
        Index = (short)index,
        AudioUuid = Guid.NewGuid(),
        Size = 1000,
        ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(7),
        BlobKey = $"audio/{task.TaskId}-{index}-{Guid.NewGuid()}.wav",
        OutputType = OutputType.Url,
        Item = Encoding.UTF8.GetBytes($"{{\"index\":{index}}}"),
    };

    /// <summary>The settlement of a claimed task that brings this result.</summary>
    public static Settlement Settle(ClaimedTask task, string state, int? result = null) => new()
    {
        TaskId = task.TaskId,
        LeaseToken = task.LeaseToken,
        NextState = state,
        Result = result is { } index ? Result(task, index) : null,
        Error = state is TaskState.Succeeded or TaskState.Running ? null : "{\"Code\":\"inferenceError\",\"Message\":\"Broken.\"}"u8.ToArray(),
    };

    /// <summary>Brings several results one after the other, the last with the task's next state. True when the last took effect.</summary>
    public static async Task<bool> SettleAsync(SettleTasks settle, ClaimedTask task, string state, params int[] results)
    {
        foreach (var index in results[..^1])
        {
            await settle.SettleAsync(Settle(task, TaskState.Running, index));
        }

        return await settle.SettleAsync(Settle(task, state, results[^1]));
    }

    /// <summary>What closes a task whoever runs it, as cancelling does.</summary>
    public static Settlement Close(Guid taskId, string state = TaskState.Cancelled) => new()
    {
        TaskId = taskId,
        NextState = state,
        Error = "{\"Code\":\"taskCancelled\",\"Message\":\"Cancelled.\"}"u8.ToArray(),
    };
}
