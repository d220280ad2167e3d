namespace Platform.Tasks;

/// <summary>
/// A task's place at its pool's engine. It is given back when the engine has nothing more to do for the task, which may be long before the
/// task is settled: a result that is on its way to its customer's server keeps nobody else from the engine.
/// </summary>
internal sealed class WorkSlot(string pool, Action? free = null) : IDisposable
{
    private Action? _free = free;

    public string Pool => pool;

    /// <summary>Gives the place to the next task; once is enough, and more do nothing.</summary>
    public void Free() => Interlocked.Exchange(ref _free, null)?.Invoke();

    public void Dispose() => Free();
}
