using Platform.Delivery;
using Platform.Tasks;

namespace Platform.Api.Own;

/// <summary>A task in the list of its tenant. What it said and what it gave is asked for by <c>getResponse</c> and <c>getTaskDetails</c>.</summary>
internal sealed record TaskAnswer(
    Guid TaskUUID,
    string TaskType,
    string Model,
    string State,
    DateTimeOffset AcceptedAt,
    DateTimeOffset? FinishedAt,
    int NumberResults,
    int FinishedResults,
    long AmountMicroUsd,
    string? ErrorCode)
{
    public static TaskAnswer Of(ListedTask task) => new(
        task.TaskUuid,
        "audioInference",
        task.Model,
        task.State,
        task.AcceptedAt,
        task.FinishedAt,
        task.NumberResults,
        task.FinishedResults,
        task.Cost,
        task.Error is null ? null : ItemJson.ReadError(task.Error).Code);
}
