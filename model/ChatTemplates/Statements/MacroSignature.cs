using Cluster.Model.ChatTemplates.Expressions;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>What a macro takes.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Parameters">With what stands for those that are not given, or null.</param>
internal sealed record MacroSignature(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters);
