using System.Collections.Frozen;
using Npgsql;
using Platform.Catalog;

namespace Platform.Api;

/// <summary>Task type to handler: one table, whatever transport a task came by.</summary>
internal sealed partial class Dispatcher(IEnumerable<TaskRoute> routes, RateGate rates, ILogger<Dispatcher> log)
{
    private static readonly TaskError Fault = new(
        ErrorCodes.InternalServerError, "The platform met a fault of its own. Nothing was accepted.");

    // A 5xx promises that the same task may be sent again, which this one may not keep.
    private static readonly TaskReply MaybeAccepted = TaskReply.Failed(new TaskError(
        ErrorCodes.InferenceError,
        "The platform met a fault of its own. Ask with getResponse: the task was accepted if that knows its taskUUID.")) with { IsAccepted = true };

    private readonly FrozenDictionary<string, TaskHandler> _handlers =
        routes.ToFrozenDictionary(static route => route.TaskType, static route => route.Handle, StringComparer.Ordinal);

    /// <summary>The limit that every task passes on its way to its handler.</summary>
    public RateGate Rates => rates;

    /// <summary>Answers a task, and lets go of what was sent when that is not needed any more.</summary>
    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        try
        {
            var reply = await AnswerAsync(call, cancellation);
            ApiMetrics.Answered(call.TaskType is { } type && _handlers.ContainsKey(type) ? type : "unknown", reply);
            return reply;
        }
        finally
        {
            call.Sent.Release();
        }
    }

    private async Task<TaskReply> AnswerAsync(TaskCall call, CancellationToken cancellation)
    {
        if (rates.Refuse(call) is { } refusal)
        {
            return TaskReply.Failed(refusal);
        }

        if (call.TaskType is null || !_handlers.TryGetValue(call.TaskType, out var handler))
        {
            return TaskReply.Failed(TypeError(call));
        }

        try
        {
            return await handler(call, cancellation);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException && Persistence.DatabaseRetry.MayPass(fault))
        {
            LogAway(log, fault.Message);
            return TaskReply.Failed(
                new TaskError(ErrorCodes.ServiceUnavailable, "The database cannot be reached. Nothing was accepted; try again."));
        }
#pragma warning disable CA1031 // One task's fault must not take its neighbours' answers along, and no caller's token is in play here.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(log, fault, call.TaskType);
            if (call.TaskType != "audioInference")
            {
                return TaskReply.Failed(Fault);
            }

            // Its customer is not told that it is a fault of ours, but the operator is.
            ApiMetrics.Refused(Fault);
            return MaybeAccepted;
        }
    }

    private TaskError TypeError(TaskCall call)
    {
        var (code, message) = call.TaskType is not null
            ? (ErrorCodes.UnsupportedTaskType, "'taskType' names a type that is not served here.")
            : call.Task.Json.ContainsKey("taskType")
                ? (ErrorCodes.Invalid("taskType"), "'taskType' must be a string.")
                : (ErrorCodes.Missing("taskType"), "'taskType' is required.");
        return new TaskError(code, message)
        {
            Parameter = "taskType",
            Type = "string",
            AllowedValues = [.. _handlers.Keys.Order(StringComparer.Ordinal)],
        };
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "A task was refused because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "A task of type {TaskType} met a fault of ours")]
    private static partial void LogFault(ILogger log, Exception fault, string taskType);
}
