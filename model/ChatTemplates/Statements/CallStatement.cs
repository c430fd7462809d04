using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>call(a) macro(b)</c> … <c>endcall</c>: the macro is called and can call the body as <c>caller</c>.</summary>
internal sealed class CallStatement(MacroSignature signature, CallExpression call, Block body) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        var caller = new Macro(signature, body, context.Scope);
        context.Write(TextForm.Of(call.Call(context, [new(Macro.Caller, caller)]), context.Budget));
        return Flow.Next;
    }
}
