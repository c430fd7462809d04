namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary>Something in a template that has a value.</summary>
internal abstract class Expression
{
    public object? Evaluate(RenderContext context)
    {
        context.Budget.Step();
        return EvaluateCore(context);
    }

    protected abstract object? EvaluateCore(RenderContext context);
}
