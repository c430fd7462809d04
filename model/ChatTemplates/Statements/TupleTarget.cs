using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>Several targets, each for one of the value's items.</summary>
internal sealed class TupleTarget(IReadOnlyList<AssignmentTarget> targets) : AssignmentTarget
{
    public override void Assign(RenderContext context, object? value)
    {
        var items = Items.Of(value);
        if (items.Count != targets.Count) throw new TemplateValueException($"{items.Count} values cannot be assigned to {targets.Count} names");
        for (var i = 0; i < items.Count; i++) targets[i].Assign(context, items[i]);
    }
}
