namespace Platform.Server;

/// <summary>Reads a list to its end, page by page: a terminal has no cursor.</summary>
internal static class AllPages
{
    private const int PageSize = 500;

    public static async Task<List<T>> ReadAsync<T, TKey>(Func<TKey?, int, Task<IReadOnlyList<T>>> read, Func<T, TKey> key)
        where TKey : struct
    {
        var all = new List<T>();
        TKey? before = null;
        while (true)
        {
            var page = await read(before, PageSize);
            all.AddRange(page);
            if (page.Count < PageSize)
            {
                return all;
            }

            before = key(page[^1]);
        }
    }
}
