using System.Runtime.CompilerServices;
using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Statements;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>Text, outputs and the statements between <c>{%</c> and <c>%}</c>.</summary>
internal sealed class StatementParser
{
    private readonly TokenCursor _cursor;
    private readonly ExpressionParser _expressions;
    private readonly PostfixParser _postfix;
    private int _loops;

    private StatementParser(TokenCursor cursor)
    {
        _cursor = cursor;
        _expressions = new ExpressionParser(cursor);
        _postfix = new PostfixParser(cursor);
    }

    /// <exception cref="ChatTemplateException">The template is not well-formed, or has statements that chat templates do not use.</exception>
    public static Block Parse(string source)
    {
        var cursor = new TokenCursor(TemplateLexer.Tokenize(source));
        try
        {
            return new StatementParser(cursor).ParseBody();
        }
        catch (InsufficientExecutionStackException)
        {
            throw new ChatTemplateException(cursor.Current.Line, "it is nested too deeply");
        }
    }

    /// <summary>Up to a tag of one of the names, which is then current; up to the template's end without any.</summary>
    private Block ParseBody(params ReadOnlySpan<string> ends)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var statements = new List<Statement>();
        while (true)
        {
            var token = _cursor.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Text) { Line = token.Line });
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new OutputStatement(_expressions.ParseTuple()) { Line = token.Line });
                    _cursor.Expect(TokenKind.VariableEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    if (_cursor.Current.Kind == TokenKind.Name && ends.Contains(_cursor.Current.Text)) return new Block(statements);
                    statements.Add(ParseStatement());
                    _cursor.Expect(TokenKind.BlockEnd, "'%}'");
                    break;
                default:
                    if (ends.IsEmpty) return new Block(statements);
                    throw new ChatTemplateException(token.Line, $"'{ends[^1]}' is missing");
            }
        }
    }

    /// <summary>From the end of the opening tag up to the name in the closing one.</summary>
    private Block ParseBodyUntil(string end)
    {
        _cursor.Expect(TokenKind.BlockEnd, "'%}'");
        var body = ParseBody(end);
        _cursor.ExpectName(end);
        return body;
    }

    private Statement ParseStatement()
    {
        var token = _cursor.Expect(TokenKind.Name, "the name of a statement");
        return token.Text switch
        {
            "if" => ParseIf(token.Line),
            "for" => ParseFor(token.Line),
            "set" => ParseSet(token.Line),
            "macro" => ParseMacro(token.Line),
            "call" => ParseCall(token.Line),
            "filter" => new FilterBlockStatement(ParseFilterChain(), ParseBodyUntil("endfilter")) { Line = token.Line },
            "with" => ParseWith(token.Line),
            "generation" => new WithStatement([], ParseBodyUntil("endgeneration")) { Line = token.Line },
            "print" => new OutputStatement(_expressions.ParseTuple()) { Line = token.Line },
            "break" or "continue" when _loops > 0 => new JumpStatement(token.Text == "break" ? Flow.Break : Flow.Continue) { Line = token.Line },
            "break" or "continue" => throw new ChatTemplateException(token.Line, $"'{token.Text}' is outside a loop"),
            _ => throw new ChatTemplateException(token.Line, $"the statement '{token.Text}' is not known"),
        };
    }

    private IfStatement ParseIf(int line)
    {
        var branches = new List<(Expression, Block)>();
        do
        {
            var condition = _expressions.ParseTuple(allowsCondition: false);
            _cursor.Expect(TokenKind.BlockEnd, "'%}'");
            branches.Add((condition, ParseBody("elif", "else", "endif")));
        }
        while (_cursor.TryTakeName("elif"));

        return new IfStatement(branches, ParseElse("endif")) { Line = line };
    }

    private Block ParseElse(string end)
    {
        if (_cursor.TryTakeName("else")) return ParseBodyUntil(end);
        _cursor.ExpectName(end);
        return Block.Empty;
    }

    private ForStatement ParseFor(int line)
    {
        var target = ParseTarget(allowsNamespace: false);
        _cursor.ExpectName("in");
        var items = _expressions.ParseTuple(allowsCondition: false);
        var filter = _cursor.TryTakeName("if") ? _expressions.Parse() : null;
        if (_cursor.Current.IsName("recursive")) throw new ChatTemplateException(line, "recursive loops are not supported");

        _cursor.Expect(TokenKind.BlockEnd, "'%}'");
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        return new ForStatement(target, items, filter, body, ParseElse("endfor")) { Line = line };
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget(allowsNamespace: true);
        if (_cursor.TryTakeOperator("=")) return new SetStatement(target, _expressions.ParseTuple()) { Line = line };

        var filters = _cursor.TryTakeOperator("|") ? ParseFilterChain() : new FilterChain([]);
        return new SetBlockStatement(target, filters, ParseBodyUntil("endset")) { Line = line };
    }

    private AssignmentTarget ParseTarget(bool allowsNamespace)
    {
        var targets = new List<AssignmentTarget>();
        var isTuple = false;
        do
        {
            if (targets.Count > 0 && (_cursor.Current.IsName("in") || _cursor.Current.IsOperator("=") || _cursor.Current.IsOperator(")"))) break;
            if (_cursor.TryTakeOperator("("))
            {
                targets.Add(ParseTarget(allowsNamespace: false));
                _cursor.ExpectOperator(")");
            }
            else
            {
                var name = _cursor.ExpectName();
                targets.Add(allowsNamespace && _cursor.TryTakeOperator(".") ? new NamespaceTarget(name, _cursor.ExpectName()) : new NameTarget(name));
            }
        }
        while (_cursor.TryTakeOperator(",") && (isTuple = true));

        return isTuple ? new TupleTarget(targets) : targets[0];
    }

    private MacroStatement ParseMacro(int line)
    {
        var signature = ParseSignature(_cursor.ExpectName());
        return new MacroStatement(signature, ParseMacroBody("endmacro")) { Line = line };
    }

    private CallStatement ParseCall(int line)
    {
        var signature = _cursor.Current.IsOperator("(") ? ParseSignature(Macro.Caller) : new MacroSignature(Macro.Caller, []);
        var call = _expressions.Parse() as CallExpression ?? throw new ChatTemplateException(line, "'call' is followed by no call of a macro");
        return new CallStatement(signature, call, ParseMacroBody("endcall")) { Line = line };
    }

    /// <summary>A loop around a definition is no loop of its body.</summary>
    private Block ParseMacroBody(string end)
    {
        var loops = _loops;
        _loops = 0;
        var body = ParseBodyUntil(end);
        _loops = loops;
        return body;
    }

    private MacroSignature ParseSignature(string name)
    {
        _cursor.ExpectOperator("(");
        var parameters = new List<(string, Expression?)>();
        while (!_cursor.TryTakeOperator(")"))
        {
            if (parameters.Count > 0) _cursor.ExpectOperator(",");
            parameters.Add((_cursor.ExpectName(), _cursor.TryTakeOperator("=") ? _expressions.Parse() : null));
        }

        return new MacroSignature(name, parameters);
    }

    private WithStatement ParseWith(int line)
    {
        var names = new List<(AssignmentTarget, Expression)>();
        while (_cursor.Current.Kind != TokenKind.BlockEnd)
        {
            if (names.Count > 0) _cursor.ExpectOperator(",");
            var target = ParseTarget(allowsNamespace: false);
            _cursor.ExpectOperator("=");
            names.Add((target, _expressions.Parse()));
        }

        return new WithStatement(names, ParseBodyUntil("endwith")) { Line = line };
    }

    private FilterChain ParseFilterChain()
    {
        var links = new List<(Library.Operation, ArgumentList)>();
        do links.Add(_postfix.ParseFilter(_expressions));
        while (_cursor.TryTakeOperator("|"));
        return new FilterChain(links);
    }
}
