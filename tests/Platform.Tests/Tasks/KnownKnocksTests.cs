using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class KnownKnocksTests
{
    private readonly KnownKnocks knocks = new();

    [Fact]
    public void Gives_the_answer_of_the_same_knock_and_of_no_other()
    {
        var (id, answer) = (Guid.NewGuid(), new TaskCompletionSource<bool>().Task);

        knocks.Remember(id, answer);

        Assert.Same(answer, knocks.FindAsync(id));
        Assert.Null(knocks.FindAsync(Guid.NewGuid()));
    }

    [Fact]
    public void Forgets_the_oldest_of_many()
    {
        var ids = Enumerable.Range(0, 100).Select(static _ => Guid.NewGuid()).ToList();

        ids.ForEach(id => knocks.Remember(id, Task.FromResult(true)));

        Assert.All(ids[..36], id => Assert.Null(knocks.FindAsync(id)));
        Assert.All(ids[36..], id => Assert.NotNull(knocks.FindAsync(id)));
    }

    [Fact]
    public void Takes_no_note_of_tickets_without_a_knock()
    {
        knocks.Remember(null, Task.FromResult(true));

        Assert.Null(knocks.FindAsync(Guid.Empty));
    }
}
