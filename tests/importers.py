"""What exodus, NetworkX and igraph make of the same small files: `python importers.py EXODUS`, in an empty folder, prints the table of
`docs/files.md`, under the versions that it was made with. Each reader is called as its documentation has it for a simple graph; ties given
again and ties of a node to itself are dropped from all."""

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import igraph
import networkx as nx

warnings.simplefilter("ignore")
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="undirected">'
GEXF = '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected"><nodes><node id="0" label="Ann"/>'
ANN = '<node id="Ann"/>'

# Kind, what is in it, name, content, and what is meant: nodes / ties, or None where nothing sensible is.
FILES = [
    ("list", "names with spaces", "a.csv", "source,target\nAnn Lee,Bo Kim\nBo Kim,Cy Roe\n", "3 / 2"),
    ("list", "spaces before quotes", "a.csv", '"Ann", "Bo"\n"Bo" , "Cy"\n"Cy", "Ann"\n', "3 / 3"),
    ("list", "byte order mark", "a.txt", "\ufeff1 2\n2 3\n3 1\n", "3 / 3"),
    ("list", "lines end in CR", "a.txt", "1 2\r2 3\r3 1\r", "3 / 3"),
    ("list", "header", "a.csv", "source,target\n1,2\n2,3\n", "3 / 2"),
    ("list", "weights with decimal commas", "a.txt", "1 2 0,5\n2 3 1,5\n", "3 / 2"),
    ("list", "first column counts lines", "a.txt", "0 1 2\n1 2 3\n2 3 4\n3 4 1\n", None),
    ("list", "no label in a line", "a.csv", "1,2,5\n3,,7\n", None),
    ("list", "a line cut short", "a.txt", "1 2\n2\n3 1\n", None),
    ("list", "UTF-16", "a.txt", "1 2\n2 3\n".encode("utf-16"), None),
    ("list", "a matrix", "a.txt", "0 1 0 0\n0 0 1 0\n0 0 0 1\n1 0 0 0\n", None),
    ("list", "numbers of nodes and ties first", "a.txt", "4 3\n0 1\n1 2\n2 3\n", None),
    ("GraphML", "a lone node", "a.graphml", GRAPHML + ANN + '<node id="Bo"/><node id="Eve"/><edge source="Ann" target="Bo"/></graph></graphml>', "3 / 1"),
    ("GraphML", "cut short", "a.graphml", GRAPHML + ANN + '<node id="Bo"/><edge source="Ann" tar', None),
    ("GraphML", "a tie to no node", "a.graphml", GRAPHML + ANN + '<edge source="Ann" target="Zed"/></graph></graphml>', None),
    ("GraphML", "a node twice", "a.graphml", GRAPHML + ANN + ANN + "</graph></graphml>", None),
    ("GraphML", "two graphs", "a.graphml", GRAPHML + ANN + '</graph><graph edgedefault="undirected"><node id="Bo"/></graph></graphml>', None),
    ("GML", "a lone node", "a.gml", 'graph [\n node [ id 1 label "Ann" ]\n node [ id 2 label "Bo" ]\n node [ id 3 label "Eve" ]\n edge [ source 1 target 2 ]\n]\n', "3 / 1"),
    ("GML", "comment in a line", "a.gml", 'graph [\n node [ id 1 # x\n label "Ann" ]\n node [ id 2 label "Bo" ]\n edge [ source 1 target 2 ]\n]\n', "2 / 1"),
    ("GML", "a label twice", "a.gml", 'graph [\n node [ id 1 label "A" ]\n node [ id 2 label "A" ]\n edge [ source 1 target 2 ]\n]\n', "2 / 1"),
    ("GML", "a tie to no node", "a.gml", 'graph [\n node [ id 1 label "Ann" ]\n node [ id 2 label "Bo" ]\n edge [ source 1 target 9 ]\n]\n', None),
    ("GML", "cut short", "a.gml", 'graph [\n node [ id 1 label "Ann" ]\n node [ id 2 label "Bo" ]\n edge [ source 1 ', None),
    ("GEXF", "two nodes", "a.gexf", GEXF + '<node id="1" label="Bo"/></nodes><edges><edge id="0" source="0" target="1"/></edges></graph></gexf>', "2 / 1"),
    ("GEXF", "a tie to no node", "a.gexf", GEXF + '</nodes><edges><edge id="0" source="0" target="7"/></edges></graph></gexf>', None),
    ("Pajek", "a lone vertex", "a.net", '*Vertices 3\n1 "Ann Lee" 0.1 0.2\n2 "Bo"\n3 "Eve"\n*Edges\n1 2 1\n', "3 / 1"),
    ("Pajek", "a vertex twice", "a.net", '*Vertices 3\n1 "a"\n2 "b"\n2 "c"\n*Edges\n1 2\n', None),
    ("Pajek", "a tie to no vertex", "a.net", '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 9\n', None),
    ("Pajek", "two kinds of vertices", "a.net", '*Vertices 3 1\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 2\n', None),
    ("Matrix Market", "a lone row", "a.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n4 4 2\n2 1\n3 2\n", "4 / 2"),
    ("METIS", "a lone node", "a.graph", "4 2\n2\n1 3\n2\n\n", "4 / 2"),
    ("DIMACS", "a lone node", "a.col", "c x\np edge 4 2\ne 1 2\ne 2 3\n", "4 / 2"),
    ("DIMACS", "cut short", "a.col", "c x\np edge 5 4\ne 1 2\ne 2 3\ne 3 4\n", None),
]


def by_exodus(path: Path) -> str:
    for old in Path().glob("out.tsv*"):
        old.unlink()
    done = subprocess.run([sys.argv[1], "graph", "import", path, "--out", "out.tsv", "--json"], capture_output=True, text=True)
    if done.returncode:
        option = re.search(r"--(columns|header|separator|comment)", done.stderr)
        return f"refused, asks for `{option[0]}`" if option else "refused"
    told = json.loads(done.stdout)
    return f"{told['nodes']} / {told['ties']}"


def by_networkx(path: Path) -> str:
    readers = {".graphml": nx.read_graphml, ".gml": nx.read_gml, ".gexf": nx.read_gexf, ".net": nx.read_pajek}
    if path.suffix in (".csv", ".txt"):
        graph = nx.read_edgelist(path, delimiter="," if path.suffix == ".csv" else None, data=False)
    elif path.suffix in readers:
        graph = readers[path.suffix](path)
    else:
        return "not read"
    graph = nx.Graph(graph)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return f"{len(graph)} / {graph.number_of_edges()}"


def by_igraph(path: Path) -> str:
    kind = igraph.Graph
    readers = {".graphml": kind.Read_GraphML, ".gml": kind.Read_GML, ".net": kind.Read_Pajek, ".csv": kind.Read_Ncol, ".txt": kind.Read_Ncol}
    if path.suffix not in readers:
        return "not read"
    graph = readers[path.suffix](str(path)).as_undirected().simplify()
    return f"{graph.vcount()} / {graph.ecount()}"


def main() -> None:
    print(f"NetworkX {nx.__version__}, igraph {igraph.__version__}\n")
    print("| format | with | exodus | NetworkX | igraph |\n|---|---|---|---|---|")
    for kind, what, name, content, meant in FILES:
        path = Path(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        cells = []
        for read in (by_exodus, by_networkx, by_igraph):
            try:
                found = read(path)
            except Exception:  # noqa: BLE001 - whatever it says, it did not take the file
                found = "refused"
            wrong = "/" in found and found != meant
            cells.append(f"**{found}**" if wrong else found)
        print(f"| {kind} | {what} | {' | '.join(cells)} |")


main()
