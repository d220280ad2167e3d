using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

/// <summary>The rules that the money of every tenant keeps at every moment between two transactions.</summary>
internal static class Books
{
    // Each line names a rule and selects whatever breaks it.
    private static readonly (string Rule, string Broken)[] Rules =
    [
        ("available is what went to it and did not leave it",
            """
            select a.tenant_id from accounts a left join ledger_legs l on l.tenant_id = a.tenant_id and l.account = 'tenant_available'
             group by a.tenant_id having a.balance - a.held <> coalesce(sum(l.amount), 0)
            """),
        ("held is what went to it and did not leave it",
            """
            select a.tenant_id from accounts a left join ledger_legs l on l.tenant_id = a.tenant_id and l.account = 'tenant_held'
             group by a.tenant_id having a.held <> coalesce(sum(l.amount), 0)
            """),
        ("every entry sums to zero", "select entry_id from ledger_legs group by entry_id having sum(amount) <> 0 or count(*) <> 2"),
        ("held is the sum of the tasks' holds",
            """
            select a.tenant_id from accounts a left join open_tasks t on t.tenant_id = a.tenant_id
             group by a.tenant_id having a.held <> coalesce(sum(t.held), 0)
            """),
        ("a task is open in both tables or in neither", """
            select task_id from open_tasks o full join tasks t using (task_id)
             where (t.state = 'open') is distinct from (o.held is not null)
            """),
        ("the account counts its open tasks",
            """
            select a.tenant_id from accounts a left join open_tasks o using (tenant_id)
             group by a.tenant_id having a.open_tasks <> count(o.task_id)
            """),
        ("an open task holds what it has not delivered",
            """
            select t.task_id from task_states t left join task_results r using (task_id)
             where t.state in ('pending', 'running')
             group by t.task_id, t.held, t.price_per_result, t.number_results
            having t.held <> t.price_per_result * t.number_results - coalesce(sum(r.cost), 0)
            """),
        ("each delivered result is captured once, for its price",
            """
            select coalesce(r.audio_uuid, e.audio_uuid)
              from task_results r full join (
                     -- What retention has forgotten keeps its entries only.
                     select e.* from ledger_entries e join tasks using (task_id) where e.kind = 'capture') e using (audio_uuid)
             -- One that cost nothing has no entry.
             where r.cost is distinct from 0
             group by 1 having count(r.task_id) <> 1 or count(e.entry_id) <> 1 or sum(r.cost) <> sum(e.amount)
            """),
        ("no refund is more than its capture",
            """
            select r.entry_id from ledger_entries r
             where r.kind = 'refund' and r.amount > (select coalesce(sum(c.amount), 0) from ledger_entries c
                                                      where c.kind = 'capture' and c.tenant_id = r.tenant_id and c.audio_uuid = r.audio_uuid)
            """),
        ("a promotion is used up, expired or left, and nothing of it twice",
            """
            select p.promotion_id from promotions p
             where (select coalesce(sum(e.amount), 0) from ledger_entries e
                     where e.tenant_id = p.tenant_id and e.kind = 'expiry' and e.reference like 'expiry:' || p.reference || ':%') > p.amount - p.remaining
                or (select count(*) from ledger_entries e
                     where e.tenant_id = p.tenant_id and e.kind = 'grant' and e.reference = p.reference and e.amount = p.amount) <> 1
            """),
        ("hold = captures + releases for a finished task",
            """
            select t.task_id from tasks t join ledger_entries e using (task_id)
             where t.state <> 'open' and e.kind in ('hold', 'release', 'capture')
             group by t.task_id having sum(case e.kind when 'hold' then e.amount else -e.amount end) <> 0
            """),
        ("available is never negative", "select tenant_id from accounts where balance + credit_limit - held < 0"),
        ("each entry carries on from the one before it",
            """
            select entry_id from (
                select entry_id, balance_after, held_after,
                       coalesce(lag(balance_after) over w, 0)
                           + case when kind in ('credit', 'grant', 'refund', 'adjustment') then amount
                                  when kind in ('debit', 'expiry', 'capture') then -amount else 0 end
                           as balance,
                       coalesce(lag(held_after) over w, 0)
                           + case when kind = 'hold' then amount when kind in ('release', 'capture') then -amount else 0 end as held
                  from ledger_entries window w as (partition by tenant_id order by entry_id)) chain
             where balance_after <> balance or held_after <> held
            """),
        ("the last entry says what the account says",
            """
            select a.tenant_id from accounts a join lateral (
                select * from ledger_entries e where e.tenant_id = a.tenant_id order by entry_id desc limit 1) e on true
             where e.balance_after <> a.balance or e.held_after <> a.held
            """),
    ];

    public static async Task AssertInOrderAsync(SpineFixture spine)
    {
        foreach (var (rule, broken) in Rules)
        {
            var count = await spine.AskAsync<long>($"select count(*) from ({broken}) as broken");
            Assert.True(count == 0, $"{count} rows break the rule: {rule}.");
        }
    }
}
