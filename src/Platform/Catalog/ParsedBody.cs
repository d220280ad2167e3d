using System.Diagnostics.CodeAnalysis;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>What <see cref="StrictJson"/> read from a body or frame: its task objects, or the error that refuses it as a whole.</summary>
internal sealed class ParsedBody
{
    private ParsedBody(IReadOnlyList<ParsedTask>? tasks, TaskError? error)
    {
        Tasks = tasks;
        Error = error;
    }

    /// <summary>At least one, in the order sent.</summary>
    public IReadOnlyList<ParsedTask>? Tasks { get; }

    /// <summary><c>invalidJson</c>, <c>arrayTooLong</c> or <c>payloadTooLarge</c>; never echoes what was sent.</summary>
    public TaskError? Error { get; }

    [MemberNotNullWhen(true, nameof(Tasks))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Tasks is not null;

    public static ParsedBody Of(IReadOnlyList<ParsedTask> tasks) => new(tasks, error: null);

    public static ParsedBody Refused(string code, string message) => new(tasks: null, new TaskError(code, message));
}

/// <summary>One element of a body.</summary>
/// <param name="Json">Its tree, without a parent.</param>
/// <param name="Original">Its bytes exactly as sent: a slice of the body, not a copy.</param>
internal readonly record struct ParsedTask(JObject Json, ReadOnlyMemory<byte> Original);
