using Npgsql;

namespace Platform.Persistence;

/// <summary>Positional parameters, typed so that the driver boxes nothing.</summary>
internal static class CommandParameters
{
    public static void Add<T>(this NpgsqlCommand command, T value) =>
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    /// <summary>One array parameter with a value of each item: the column of an <c>unnest</c>.</summary>
    public static void AddColumn<TItem, TValue>(this NpgsqlCommand command, IReadOnlyList<TItem> items, Func<TItem, TValue> value)
    {
        var column = new TValue[items.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(items[i]);
        }

        command.Add(column);
    }
}
