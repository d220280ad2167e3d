using Npgsql;

namespace Platform.Persistence;

/// <summary>Positional parameters, typed so that the driver boxes nothing.</summary>
internal static class CommandParameters
{
    public static void Add<T>(this NpgsqlCommand command, T value) => command.Parameters.AddTyped(value);

    public static void AddColumn<TItem, TValue>(this NpgsqlCommand command, IReadOnlyList<TItem> items, Func<TItem, TValue> value) =>
        command.Parameters.AddColumn(items, value);

    public static void AddTyped<T>(this NpgsqlParameterCollection parameters, T value) =>
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    /// <summary>One array parameter with a value of each item: the column of an <c>unnest</c>.</summary>
    public static void AddColumn<TItem, TValue>(
        this NpgsqlParameterCollection parameters, IReadOnlyList<TItem> items, Func<TItem, TValue> value)
    {
        var column = new TValue[items.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(items[i]);
        }

        parameters.AddTyped(column);
    }
}
