using Platform.Tests.Crash;
using Platform.Tests.Scenarios;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Platform.Tests.Fixtures.LongestFirst))]

namespace Platform.Tests.Fixtures;

/// <summary>
/// The collections whose tests follow one another for many minutes begin at once, the others beside them. In whatever order they came they would
/// now and then begin last, and one core would wait for them a third of the run.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // A collection of one class bears its name, and something behind it.
    private static readonly string[] Long = [Stories.Name, Crashes.Name, $"Test collection for {typeof(SpeechServerStories).FullName}"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static one => PlaceOf(one.TestCollectionDisplayName))];

    private static int PlaceOf(string name) =>
        Array.FindIndex(Long, one => name == one || name.StartsWith($"{one} ", StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length;
}
