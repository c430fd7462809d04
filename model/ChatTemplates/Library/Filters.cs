using System.Collections.Frozen;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>All filters.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Operation> s_all = OperationTable.Join(
        [TextFilters.Table, NumberFilters.Table, SequenceFilters.Table],
        [("d", "default"), ("e", "escape"), ("forceescape", "escape"), ("count", "length")]);

    public static Operation? Find(string name) => s_all.GetValueOrDefault(name);

    /// <summary>One that is not there fails when it is used: templates may name it where they do not come to.</summary>
    public static Operation Get(string name) =>
        Find(name) ?? new Operation(name, ["*"], _ => throw new TemplateValueException($"there is no filter '{name}'"));
}
