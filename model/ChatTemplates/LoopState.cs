using Cluster.Model.ChatTemplates.Library;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates;

/// <summary>What <c>loop</c> is in a loop's body.</summary>
/// <param name="items">All that the loop goes through.</param>
internal sealed class LoopState(IReadOnlyList<object?> items)
{
    private object? _lastChanged = Undefined.Nothing;

    /// <summary>From 0.</summary>
    public int Index { get; set; }

    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => (long)items.Count - Index - 1,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            // Only recursive loops, which are not supported, are deeper.
            "depth" => 1L,
            "depth0" => 0L,
            "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
            "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
            "cycle" => new BoundOperation(new Operation(name, ["*"], Cycle), null),
            "changed" => new BoundOperation(new Operation(name, ["*"], HasChanged), null),
            _ => this,
        };
        return value != this;
    }

    private object? Cycle(OperationCall call) => call.Arguments.Positional is { Count: > 0 } values
        ? values[Index % values.Count]
        : throw new TemplateValueException("there is nothing to cycle through");

    private object HasChanged(OperationCall call)
    {
        var value = new TemplateTuple([.. call.Arguments.Positional]);
        var isSame = Equality.AreEqual(_lastChanged, value);
        _lastChanged = value;
        return !isSame;
    }
}
