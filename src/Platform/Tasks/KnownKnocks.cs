namespace Platform.Tasks;

/// <summary>The last few tickets that came with a knock, each with its answer. Not safe for several threads at once.</summary>
internal sealed class KnownKnocks
{
    // A ticket follows its knock within milliseconds; should it be forgotten by then, it costs one look that finds nothing.
    private const int Remembered = 64;

    private readonly Dictionary<Guid, Task<bool>> _answers = [];
    private readonly Queue<Guid> _order = new();

    /// <summary>The answer, given or still to come; null for one that is not known.</summary>
    public Task<bool>? FindAsync(Guid id) => _answers.GetValueOrDefault(id);

    public void Remember(Guid? id, Task<bool> answer)
    {
        if (id is not { } known)
        {
            return;
        }

        _answers[known] = answer;
        _order.Enqueue(known);
        if (_order.Count > Remembered)
        {
            _answers.Remove(_order.Dequeue());
        }
    }
}
