using System.Collections.Frozen;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Operations by name. Written as a list: <c>{ "name", ["parameter"], call => … }</c>.</summary>
internal sealed class OperationTable : System.Collections.IEnumerable
{
    private readonly Dictionary<string, Operation> _operations = [];

    public IEnumerable<Operation> All => _operations.Values;

    public void Add(string name, string[] parameters, Func<OperationCall, object?> body) => _operations.Add(name, new Operation(name, parameters, body));

    /// <summary>One that takes no arguments.</summary>
    public void Add(string name, Func<OperationCall, object?> body) => Add(name, [], body);

    public Operation? Find(string name) => _operations.GetValueOrDefault(name);

    /// <summary>All of several tables, with other names for some of them.</summary>
    public static FrozenDictionary<string, Operation> Join(IEnumerable<OperationTable> tables, IEnumerable<(string Name, string Of)> aliases)
    {
        var all = tables.SelectMany(static table => table.All).ToDictionary(static operation => operation.Name);
        foreach (var (name, of) in aliases) all.Add(name, all[of]);
        return all.ToFrozenDictionary();
    }

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => _operations.Values.GetEnumerator();
}
