namespace Platform.Tasks;

/// <summary>
/// A task's place at its pool's engine. It is given back when the engine has nothing more to do for the task, which may be long before the
/// task is settled: a result that is being encoded or stored, or is on its way to its customer's server, keeps nobody else from the engine.
/// </summary>
/// <param name="finishing">
/// Room for those that left the engine and are not settled yet. What finds none keeps its place, so that no more is spoken than can be finished.
/// </param>
internal sealed class WorkSlot(string pool, Action? free = null, SemaphoreSlim? finishing = null) : IDisposable
{
    private Action? _free = free;
    private int _finishes;

    public string Pool => pool;

    /// <summary>
    /// Gives the place to the next task, and the room among those that finish: what is left is no work of this process, such as waiting for a
    /// customer's server. Once is enough, and more do nothing.
    /// </summary>
    public void Free()
    {
        GivePlace();
        if (Interlocked.Exchange(ref _finishes, 0) == 1)
        {
            finishing?.Release();
        }
    }

    /// <summary>The last sound of the task is made.</summary>
    public void FreeAfterSpeech()
    {
        if (_free is not null && _finishes == 0 && finishing?.Wait(TimeSpan.Zero) == true)
        {
            _finishes = 1;
            GivePlace();
        }
    }

    public void Dispose() => Free();

    private void GivePlace() => Interlocked.Exchange(ref _free, null)?.Invoke();
}
