namespace Platform.Catalog;

/// <summary>One error of one task, as the contract's section 3 shapes it. Task type and UUID are added where it is rendered.</summary>
/// <param name="Code">A code of <c>schemas/errors.json</c>, or one made from a path (<c>invalidSpeechVoice</c>).</param>
/// <param name="Message">One sentence that says what was expected; never text, prompt or secret.</param>
internal sealed record TaskError(string Code, string Message)
{
    /// <summary>The dotted path of the field at fault.</summary>
    public string? Parameter { get; init; }

    /// <summary>The JSON type that was expected, such as <c>integer</c>.</summary>
    public string? Type { get; init; }

    /// <summary>As text. Where <see cref="Type"/> is <c>integer</c> or <c>number</c> they are written as numbers.</summary>
    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>Smallest value, or for a string the smallest length in code points.</summary>
    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    /// <summary>When the same may be sent again; shown as the header <c>Retry-After</c>, not in the error itself.</summary>
    public int? RetryAfterSeconds { get; init; }
}
